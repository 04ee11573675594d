import type { MergeRecord } from '../../../core/tasks/task.ts';
import { count, shortId, timeOfDay } from '../../cli/format.ts';
import type { Span } from '../draw.ts';
import type { TaskSign } from '../theme.ts';
import { type Row, type Rows, rowsOfItems } from './list.ts';
import { memoised } from './memoised.ts';

const SIGNS: Readonly<Record<MergeRecord['state'], TaskSign>> = {
  queued: 'pending',
  merging: 'merging',
  conflicted: 'failed',
  merged: 'done',
};

/** The queue in its order, then what was merged, the newest first. */
export function mergeRows(merges: readonly MergeRecord[]): Rows {
  return rowsOfItems(inOrder(merges), {
    key: ({ task }) => task,
    text: ({ task, title, state }) => `${task} ${title} ${state}`,
    row: rowOf,
  });
}

const inOrder = memoised((merges: readonly MergeRecord[]) => [
  ...merges.filter(({ state }) => state !== 'merged'),
  ...merges.filter(({ state }) => state === 'merged').reverse(),
]);

function rowOf({ task, title, state, commit, bounces, at }: MergeRecord): Row {
  return {
    key: task,
    task,
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
