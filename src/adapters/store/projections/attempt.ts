import { assertNever } from '../../../core/errors.ts';
import type { AttemptEvent } from '../../../core/events/event.ts';
import { endAttempt } from './end-attempt.ts';
import { projectFailure } from './failure.ts';
import { projectMerge } from './merge.ts';
import { ask, dropQuestions, goOn, markTold, oneLine, putBack } from './question-rows.ts';
import { recordProcess, recordSession, recordUsage } from './session-rows.ts';
import { refresh } from './stale.ts';
import { finishStep, startStep } from './step-rows.ts';
import type { TaskChange } from './task-change.ts';
import { satisfy } from './unlock.ts';

/** The change of state that a fact about an attempt makes. */
export async function projectAttempt(change: TaskChange, event: AttemptEvent): Promise<void> {
  switch (event.type) {
    case 'task.started':
      change.move('running');
      change.set({ branch: event.branch, worktree: event.worktree, base: event.base });
      return;
    case 'step.started':
      return await startStep(change, event);
    case 'step.finished':
      await finishStep(change, event);
      return await markTold(change, event);
    case 'agent.started':
      return await recordProcess(change, event);
    case 'agent.session':
      return await recordSession(change, event);
    case 'agent.usage':
      return await recordUsage(change, event);
    case 'worktree.prepared':
    case 'agent.output':
    case 'agent.retrying':
    case 'agent.reported':
    case 'agent.ended':
      return;
    case 'task.snapshotted':
      change.set({ head: event.commit });
      return;
    case 'task.asked':
      await ask(change, event);
      change.move('waiting_input');
      change.set({
        reason: oneLine(event.questions[0]?.question ?? 'waits for an answer'),
        not_before: null,
      });
      endAttempt(change);
      // All of them may have been answered meanwhile.
      return await goOn(change);
    case 'question.asked':
      return await ask(change, event);
    case 'merge.queued':
    case 'merge.started':
    case 'merge.verified':
    case 'merge.refused':
    case 'merge.verify_failed':
    case 'merge.conflicted':
    case 'merge.intended':
    case 'merge.done':
      return projectMerge(change, event);
    case 'task.done':
      change.move('done');
      change.set({
        summary: event.summary,
        finished_at: change.row.now,
        reason: null,
        ...(event.commit === undefined ? {} : { merge_commit: event.commit }),
        intent_branch: null,
        intent_expected: null,
        intent_commit: null,
        stale: null,
      });
      dropQuestions(change);
      endAttempt(change);
      return await satisfy(change);
    case 'task.retried':
      await putBack(change, event.reason);
      change.set({
        failures: event.failures,
        not_before: event.retryAt,
        next_role: event.role ?? null,
      });
      return endAttempt(change);
    case 'task.refreshed':
      return await refresh(change, event);
    case 'task.failed':
      return await projectFailure(change, event);
    case 'task.released':
      await putBack(change, event.reason);
      change.set({ not_before: null, next_role: event.role ?? null });
      return endAttempt(change);
    default:
      assertNever(event);
  }
}
