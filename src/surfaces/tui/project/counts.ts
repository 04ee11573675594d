import type { TaskState } from '../../../core/tasks/states.ts';
import type { Task } from '../../../core/tasks/task.ts';

/** How many tasks are in each state; `ready` is no part of `pending` here. A state without tasks is absent. */
export type StateCounts = Readonly<Partial<Record<ShownCount, number>>>;

type ShownCount = TaskState | 'ready';

/** A task as it was, and as it is. */
export interface Counted {
  readonly before: Task;
  readonly after: Task;
}

export function countsOf(tasks: readonly (Task | undefined)[]): StateCounts {
  const counts: Partial<Record<ShownCount, number>> = {};
  for (const task of tasks) if (task !== undefined) add(counts, shownAs(task), 1);
  return counts;
}

/** The counts with these tasks in their new states; the same object when no state is another one. */
export function countsAfter(counts: StateCounts, changed: readonly Counted[]): StateCounts {
  let next: Partial<Record<ShownCount, number>> | undefined;
  for (const { before, after } of changed) {
    const [from, to] = [shownAs(before), shownAs(after)];
    if (from === to) continue;
    next ??= { ...counts };
    add(next, from, -1);
    add(next, to, 1);
  }
  return next ?? counts;
}

/** All of them added up. */
export function countsTogether(all: readonly StateCounts[]): StateCounts {
  const sum: Partial<Record<ShownCount, number>> = {};
  for (const counts of all) {
    for (const [state, n] of Object.entries(counts)) add(sum, state as ShownCount, n);
  }
  return sum;
}

/** Finished, or taken out as not needed. */
export function doneOf({ done = 0, skipped = 0 }: StateCounts): number {
  return done + skipped;
}

function shownAs({ state, pendingNeeds }: Task): ShownCount {
  return state === 'pending' && pendingNeeds === 0 ? 'ready' : state;
}

function add(counts: Partial<Record<ShownCount, number>>, state: ShownCount, by: number): void {
  const now = (counts[state] ?? 0) + by;
  if (now === 0) delete counts[state];
  else counts[state] = now;
}
