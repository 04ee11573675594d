import type { MergeRecord } from '../../../core/tasks/task.ts';
import { count, shortId, timeOfDay } from '../../cli/format.ts';
import type { Span } from '../draw.ts';
import type { TaskSign } from '../theme.ts';
import type { Row } from './list.ts';
import { memoised } from './memoised.ts';

const SIGNS: Readonly<Record<MergeRecord['state'], TaskSign>> = {
  queued: 'pending',
  merging: 'merging',
  conflicted: 'failed',
  merged: 'done',
};

/** The queue in its order, then what was merged, the newest first. */
export const mergeRows = memoised((merges: readonly MergeRecord[]): readonly Row[] => [
  ...merges.filter(({ state }) => state !== 'merged').map(rowOf),
  ...merges
    .filter(({ state }) => state === 'merged')
    .reverse()
    .map(rowOf),
]);

function rowOf({ task, title, state, commit, bounces, at }: MergeRecord): Row {
  return {
    key: task,
    task,
    text: `${task} ${title} ${state}`,
    spans: (theme): readonly Span[] => [
      [`${theme.sign(SIGNS[state])} ${state} `, SIGNS[state]],
      [task],
      ...(bounces === 0 ? [] : ([[`  ${count(bounces, 'bounce')}`, 'warning']] as const)),
      ...(title === task ? [] : ([[`  ${title}`, 'dim']] as const)),
    ],
    right: () => [
      [
        state === 'merged' ? ` ${commit === undefined ? 'no change' : shortId(commit)} ${timeOfDay(at)}` : '',
        'dim',
      ],
    ],
  };
}
