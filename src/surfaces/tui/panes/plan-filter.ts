import type { Task } from '../../../core/tasks/task.ts';
import { type ShownState, shownState } from '../../cli/task-words.ts';
import type { TaskTable } from '../project/task-table.ts';
import type { TreeShape } from '../project/tree-shape.ts';
import { partKey, type Unfolded } from './unfolded.ts';

/** Which tasks the plan shows. */
export type PlanFilter = 'all' | 'open' | 'needsYou' | 'running' | 'ready' | 'waiting' | 'failed' | 'done';

interface Facet {
  /** As the title says it. */
  readonly word: string;
  /** Said when there is none. */
  readonly empty: string;
  readonly states: readonly ShownState[];
}

const RUNNING: readonly ShownState[] = ['claimed', 'running', 'merging'];

export const FACETS: Readonly<Record<Exclude<PlanFilter, 'all'>, Facet>> = {
  open: {
    word: 'not done',
    empty: 'Everything is done.',
    states: [...RUNNING, 'waiting_input', 'ready', 'paused', 'pending', 'failed', 'blocked'],
  },
  needsYou: { word: 'need you', empty: 'No task needs you.', states: ['waiting_input', 'failed'] },
  running: { word: 'running', empty: 'No task is running.', states: RUNNING },
  ready: { word: 'ready', empty: 'No task is ready.', states: ['ready'] },
  waiting: {
    word: 'waiting',
    empty: 'No task waits for others.',
    states: ['pending', 'blocked', 'paused'],
  },
  failed: {
    word: 'failed or blocked',
    empty: 'No task has failed.',
    states: ['failed', 'blocked'],
  },
  done: { word: 'done', empty: 'No task is done yet.', states: ['done', 'skipped'] },
};

const KEPT = new Map<PlanFilter, ReadonlySet<ShownState>>(
  Object.entries(FACETS).map(([filter, { states }]) => [filter as PlanFilter, new Set(states)]),
);

export function isKept(filter: PlanFilter, task: Task): boolean {
  return KEPT.get(filter)?.has(shownState(task)) ?? true;
}

/** Of the rows those of tasks that the filter keeps, and of the containers that they stand in. */
export function filtered(
  all: Unfolded,
  filter: PlanFilter,
  { shape, tasks }: { readonly shape: TreeShape; readonly tasks: TaskTable },
): Unfolded {
  const kept = KEPT.get(filter);
  if (kept === undefined) return all;
  const isPartKept = new Uint8Array(shape.parts.length);
  const isTaskKept = new Uint8Array(tasks.size);
  for (const [place, task] of tasks.list().entries()) {
    if (!kept.has(shownState(task))) continue;
    isTaskKept[place] = 1;
    for (let part = shape.partOf[place] ?? -1; part !== -1 && isPartKept[part] === 0; ) {
      isPartKept[part] = 1;
      part = shape.parts[part]?.parent ?? -1;
    }
  }
  const rows = all.rows.filter((row) => (row < 0 ? isPartKept[~row] : isTaskKept[row]) === 1);
  const partRows = new Map<string, number>();
  const taskRows = new Int32Array(all.taskRows.length).fill(-1);
  for (const [at, row] of rows.entries()) {
    const part = row < 0 ? shape.parts[~row] : undefined;
    if (part === undefined) taskRows[row] = at;
    else partRows.set(partKey(part), at);
  }
  return { rows, partRows, taskRows };
}
