import type { Task } from '../../../core/tasks/task.ts';
import { countsAfter, countsOf, countsTogether, doneOf, type StateCounts } from './counts.ts';
import type { TaskTable } from './task-table.ts';
import { placesIn, type TreeShape } from './tree-shape.ts';

/** How far a container is with all that is in it, at any depth. */
export interface PartProgress {
  readonly counts: StateCounts;
  readonly done: number;
  readonly total: number;
  readonly costUsd: number;
}

/** The plan by initiative, phase and plan. */
export interface TaskTree {
  readonly shape: TreeShape;
  /** Of each container of the shape. */
  readonly progress: readonly PartProgress[];
}

export function treeOf(shape: TreeShape, tasks: TaskTable): TaskTree {
  const progress: PartProgress[] = new Array(shape.parts.length);
  // What is in a container comes after it.
  for (let part = shape.parts.length - 1; part >= 0; part -= 1) {
    const inner = shape.parts[part]?.inner ?? [];
    const own = countsOf(Array.from(placesIn(shape, part), (place) => tasks.at(place)));
    const counts = countsTogether([own, ...inner.map((each) => progress[each]?.counts ?? {})]);
    const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
    progress[part] = {
      counts,
      done: doneOf(counts),
      total,
      costUsd: costOf(shape, part, { tasks, progress }),
    };
  }
  return { shape, progress };
}

/** The tree after the tasks at these places have changed; what they do not stand in stays the same objects. */
export function treeAfter(
  { shape, progress: known }: TaskTree,
  places: readonly number[],
  { before, tasks }: { before: TaskTable; tasks: TaskTable },
): TaskTree {
  const touched = new Map<number, { before: Task; after: Task }[]>();
  for (const place of places) {
    const [old, now] = [before.at(place), tasks.at(place)];
    if (old === undefined || now === undefined) continue;
    for (let part = shape.partOf[place] ?? -1; part !== -1; part = shape.parts[part]?.parent ?? -1) {
      const changes = touched.get(part);
      if (changes === undefined) touched.set(part, [{ before: old, after: now }]);
      else changes.push({ before: old, after: now });
    }
  }
  if (touched.size === 0) return { shape, progress: known };
  const progress = known.slice();
  // The innermost first: its cost is part of that of the others.
  for (const [part, changes] of [...touched].sort(([a], [b]) => b - a)) {
    const old = progress[part] ?? NOTHING;
    const counts = countsAfter(old.counts, changes);
    const hasCost = changes.some((each) => each.before.costUsd !== each.after.costUsd);
    const costUsd = hasCost ? costOf(shape, part, { tasks, progress }) : old.costUsd;
    progress[part] = { counts, done: doneOf(counts), total: old.total, costUsd };
  }
  return { shape, progress };
}

const NOTHING: PartProgress = { counts: {}, done: 0, total: 0, costUsd: 0 };

/** Always added up in the same order: with differences it would drift away from what is stored. */
function costOf(
  shape: TreeShape,
  part: number,
  { tasks, progress }: { tasks: TaskTable; progress: readonly PartProgress[] },
): number {
  let sum = 0;
  for (const place of placesIn(shape, part)) sum += tasks.at(place)?.costUsd ?? 0;
  for (const inner of shape.parts[part]?.inner ?? []) sum += progress[inner]?.costUsd ?? 0;
  return sum;
}
