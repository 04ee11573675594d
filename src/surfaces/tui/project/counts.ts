import type { Task } from '../../../core/tasks/task.ts';
import { type ShownState, shownState } from '../../cli/task-words.ts';

/** How many tasks are in each state; `ready` and `paused` are no parts of `pending` here. A state without tasks is absent. */
export type StateCounts = Readonly<Partial<Record<ShownState, number>>>;

/** A task as it was, and as it is. */
export interface Counted {
  readonly before: Task;
  readonly after: Task;
}

export function countsOf(tasks: readonly (Task | undefined)[]): StateCounts {
  const counts: Partial<Record<ShownState, number>> = {};
  for (const task of tasks) if (task !== undefined) add(counts, shownState(task), 1);
  return counts;
}

/** The counts with these tasks in their new states; the same object when no state is another one. */
export function countsAfter(counts: StateCounts, changed: readonly Counted[]): StateCounts {
  let next: Partial<Record<ShownState, number>> | undefined;
  for (const { before, after } of changed) {
    const [from, to] = [shownState(before), shownState(after)];
    if (from === to) continue;
    next ??= { ...counts };
    add(next, from, -1);
    add(next, to, 1);
  }
  return next ?? counts;
}

/** All of them added up. */
export function countsTogether(all: readonly StateCounts[]): StateCounts {
  const sum: Partial<Record<ShownState, number>> = {};
  for (const counts of all) {
    for (const [state, n] of Object.entries(counts)) add(sum, state as ShownState, n);
  }
  return sum;
}

/** Finished, or taken out as not needed. */
export function doneOf({ done = 0, skipped = 0 }: StateCounts): number {
  return done + skipped;
}

function add(counts: Partial<Record<ShownState, number>>, state: ShownState, by: number): void {
  const now = (counts[state] ?? 0) + by;
  if (now === 0) delete counts[state];
  else counts[state] = now;
}
