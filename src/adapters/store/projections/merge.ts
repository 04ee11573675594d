import { assertNever } from '../../../core/errors.ts';
import type { AttemptEvent } from '../../../core/events/event.ts';
import type { TaskChange } from './task-change.ts';

type MergeEvent = Extract<AttemptEvent, { type: `merge.${string}` }>;

/** What the merge queue did with the task's work. */
export function projectMerge(change: TaskChange, event: MergeEvent): void {
  const { now } = change.row;
  switch (event.type) {
    case 'merge.queued':
      change.move('merging');
      change.set({ head: event.head });
      change.setMerge('queued', now);
      return;
    case 'merge.started':
      change.setMerge('merging', now);
      return;
    case 'merge.verified':
      return;
    case 'merge.refused':
    case 'merge.verify_failed':
    case 'merge.conflicted':
      change.move('running');
      change.set({ bounces: event.bounce });
      change.setMerge('conflicted', now);
      return;
    case 'merge.intended':
      change.set({
        intent_branch: event.branch,
        intent_expected: event.expected,
        intent_commit: event.commit,
      });
      return;
    case 'merge.done':
      change.set({
        merge_commit: event.commit,
        merge_strategy: event.strategy,
        intent_branch: null,
        intent_expected: null,
        intent_commit: null,
      });
      change.setMerge('merged', now);
      return;
    default:
      assertNever(event);
  }
}
