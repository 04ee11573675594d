import type { OutlinePart } from '../../../core/roadmap/outline.ts';
import type { TaskState } from '../../../core/tasks/states.ts';
import type { Task } from '../../../core/tasks/task.ts';

/** How many tasks are in each state; `ready` is no part of `pending` here. */
export type StateCounts = Readonly<Partial<Record<TaskState | 'ready', number>>>;

/** A container with all that is in it. */
export interface TreePart {
  readonly kind: OutlinePart['kind'];
  readonly id: string;
  readonly title: string;
  /** A phase with a decimal number was pushed in later. */
  readonly inserted?: true;
  readonly wave?: number;
  /** Of all tasks in it, at any depth. */
  readonly counts: StateCounts;
  readonly done: number;
  readonly total: number;
  readonly costUsd: number;
  readonly parts: readonly TreePart[];
  /** Those that stand in it directly, in roadmap order. */
  readonly tasks: readonly Task[];
}

export interface TaskTree {
  readonly parts: readonly TreePart[];
  /** Tasks that stand in no container, one-off ones too. */
  readonly tasks: readonly Task[];
}

/** `tasks` in roadmap order. A container that the outline does not have is shown by its id, behind the others. */
export function treeOf(tasks: readonly Task[], outline: readonly OutlinePart[]): TaskTree {
  const own = new Map<string, Task[]>();
  const root: Task[] = [];
  const known = idsOf(outline);
  const strays = new Map<string, OutlinePart>();
  for (const task of tasks) {
    const place = placeOf(task);
    if (place === undefined) root.push(task);
    else {
      const list = own.get(place.id);
      if (list === undefined) own.set(place.id, [task]);
      else list.push(task);
      if (!known.has(place.id)) strays.set(place.id, { ...place, title: place.id, parts: [] });
    }
  }
  return { parts: [...outline, ...strays.values()].map((part) => treePart(part, own)), tasks: root };
}

function treePart(
  { parts: inner, ...part }: OutlinePart,
  own: ReadonlyMap<string, readonly Task[]>,
): TreePart {
  const parts = inner.map((each) => treePart(each, own));
  const tasks = own.get(part.id) ?? [];
  const counts: Partial<Record<TaskState | 'ready', number>> = { ...countsOf(tasks) };
  let costUsd = costOf(tasks);
  for (const each of parts) {
    costUsd += each.costUsd;
    for (const [state, n] of Object.entries(each.counts)) {
      counts[state as TaskState] = (counts[state as TaskState] ?? 0) + n;
    }
  }
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  return { ...part, counts, done: doneOf(counts), total, costUsd, parts, tasks };
}

export function countsOf(tasks: readonly Task[]): StateCounts {
  const counts: Partial<Record<TaskState | 'ready', number>> = {};
  for (const { state, pendingNeeds } of tasks) {
    const shown = state === 'pending' && pendingNeeds === 0 ? 'ready' : state;
    counts[shown] = (counts[shown] ?? 0) + 1;
  }
  return counts;
}

/** Finished, or taken out as not needed. */
export function doneOf({ done = 0, skipped = 0 }: StateCounts): number {
  return done + skipped;
}

function costOf(tasks: readonly Task[]): number {
  return tasks.reduce((sum, task) => sum + task.costUsd, 0);
}

/** The innermost container that a task stands in. */
function placeOf({ definition: { path } }: Task): Pick<OutlinePart, 'kind' | 'id'> | undefined {
  if (path.plan !== undefined) return { kind: 'plan', id: path.plan };
  if (path.phase !== undefined) return { kind: 'phase', id: path.phase };
  return path.initiative === undefined ? undefined : { kind: 'initiative', id: path.initiative };
}

function idsOf(outline: readonly OutlinePart[]): Set<string> {
  return new Set(outline.flatMap(({ id, parts }) => [id, ...idsOf(parts)]));
}
