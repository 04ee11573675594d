import { isOpen } from '../../../core/syncing/hold.ts';
import type { Task } from '../../../core/tasks/task.ts';
import { type Dependencies, nodesOf } from './dependencies.ts';
import type { TaskTable } from './task-table.ts';

/**
 * What is still to be done as trees: below each task those that can begin no sooner than when it ends. A task that waits
 * for several stands below the one that lies behind the most others, so each is there once. Nodes are those of the
 * dependencies.
 */
export interface TaskGraph {
  /** Every open task: each tree from its root down, the longest way first. */
  readonly order: Int32Array;
  /** Of each node where it stands in `order`; -1 for what is not open. */
  readonly rank: Int32Array;
  /** Of each node the one that it stands below; -1 for roots. */
  readonly parent: Int32Array;
  /** How many stand below each node, at any depth. */
  readonly below: Int32Array;
  /** How many open tasks lie on the longest way from each node to an end, itself among them. */
  readonly left: Int32Array;
  /** 1 for the nodes of one longest way of all: nothing is done sooner than this. */
  readonly isCritical: Uint8Array;
}

const NONE = -1;

/** Is the graph the same after this? */
export function isSameInGraph(before: Task | undefined, now: Task | undefined): boolean {
  return isLeft(before) === isLeft(now) && waits(before) === waits(now);
}

/** `tasks`: those that the dependencies were made of, as they are now. Costs a few ms for 10,000. */
export function graphOf(dependencies: Dependencies, tasks: TaskTable): TaskGraph {
  const list = tasks.list();
  const open = new Uint8Array(list.length);
  for (let place = 0; place < list.length; place++) if (isLeft(list[place])) open[place] = 1;
  const { left, next } = waysOf(dependencies, open);
  const parent = parentsOf(dependencies, tasks, open);
  const order = preorder(parent, open, left);
  const rank = new Int32Array(tasks.size).fill(NONE);
  for (let at = 0; at < order.length; at++) rank[order[at] ?? 0] = at;
  const below = new Int32Array(tasks.size);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at] ?? 0;
    const above = parent[node] ?? NONE;
    if (above !== NONE) below[above] = (below[above] ?? 0) + (below[node] ?? 0) + 1;
  }
  const isCritical = criticalOf(order[0] ?? NONE, next, tasks.size);
  return { order, rank, parent, below, left, isCritical };
}

/** The open nodes that a task waits for besides the one that it stands below; gates may be among them. */
export function alsoNeeds(
  dependencies: Dependencies,
  { parent }: TaskGraph,
  tasks: TaskTable,
  node: number,
): readonly number[] {
  const above = parent[node] ?? NONE;
  const isOther = (need: number): boolean => need !== above && isLeft(tasks.at(need));
  return [...nodesOf(dependencies.needs, node)].filter((need) =>
    need < tasks.size ? isOther(need) : nodesOf(dependencies.needs, need).some(isOther),
  );
}

function isLeft(task: Task | undefined): boolean {
  return task !== undefined && isOpen(task.state);
}

/** Who is at work waits for nothing any more, whatever lies before it. */
function waits(task: Task | undefined): boolean {
  return task?.state === 'pending' || task?.state === 'blocked';
}

/** From each node to an end: how many open tasks lie on the longest way, and where it goes on. */
function waysOf(
  { order, nodes, tasks, needs: { starts, list } }: Dependencies,
  open: Uint8Array,
): { left: Int32Array; next: Int32Array } {
  const left = new Int32Array(nodes);
  const next = new Int32Array(nodes).fill(NONE);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at] ?? 0;
    // What is over parts what lies before it from what lies behind it; gates are never over.
    if (node < tasks) left[node] = open[node] === 1 ? (left[node] ?? 0) + 1 : 0;
    const length = left[node] ?? 0;
    if (length === 0) continue;
    const end = starts[node + 1] ?? 0;
    for (let index = starts[node] ?? 0; index < end; index++) {
      const need = list[index] ?? 0;
      const known = left[need] ?? 0;
      if (length > known || (length === known && node < (next[need] ?? NONE))) {
        left[need] = length;
        next[need] = node;
      }
    }
  }
  return { left, next };
}

/** Of each task the open one that lies behind the most others among those that it waits for, also through gates. */
function parentsOf(
  { order, nodes, needs: { starts, list } }: Dependencies,
  tasks: TaskTable,
  open: Uint8Array,
): Int32Array {
  const parent = new Int32Array(tasks.size).fill(NONE);
  // Of a gate: who stands for it.
  const behind = new Int32Array(nodes).fill(NONE);
  const level = new Int32Array(nodes);
  // In a circle nobody may stand below himself.
  const isPlaced = new Uint8Array(nodes);
  for (let at = 0; at < order.length; at++) {
    const node = order[at] ?? 0;
    let best = NONE;
    const end = starts[node + 1] ?? 0;
    for (let index = starts[node] ?? 0; index < end; index++) {
      const need = list[index] ?? 0;
      const candidate = need < tasks.size && open[need] === 1 ? need : (behind[need] ?? NONE);
      if (candidate === NONE || isPlaced[candidate] === 0) continue;
      const more = (level[candidate] ?? 0) - (best === NONE ? NONE : (level[best] ?? 0));
      if (more > 0 || (more === 0 && candidate < best)) best = candidate;
    }
    if (node >= tasks.size) behind[node] = best;
    if (node >= tasks.size || open[node] === 0) continue;
    isPlaced[node] = 1;
    if (!waits(tasks.at(node)) || best === NONE) continue;
    parent[node] = best;
    level[node] = (level[best] ?? 0) + 1;
  }
  return parent;
}

/** Every open task: below each, at once, those that stand below it, the longest way first. */
function preorder(parent: Int32Array, open: Uint8Array, left: Int32Array): Int32Array {
  const sorted = longestFirst(open, left);
  const first = new Int32Array(parent.length).fill(NONE);
  const beside = new Int32Array(parent.length).fill(NONE);
  let root = NONE;
  // From the end, so that what is put before all others comes first in the end.
  for (let at = sorted.length - 1; at >= 0; at--) {
    const node = sorted[at] ?? 0;
    const above = parent[node] ?? NONE;
    beside[node] = above === NONE ? root : (first[above] ?? NONE);
    if (above === NONE) root = node;
    else first[above] = node;
  }
  const order = new Int32Array(sorted.length);
  let node = root;
  for (let at = 0; at < order.length; at++) {
    order[at] = node;
    let next = first[node] ?? NONE;
    for (let from = node; next === NONE && from !== NONE; from = parent[from] ?? NONE)
      next = beside[from] ?? NONE;
    node = next;
  }
  return order;
}

/** The open tasks, sorted by counting: there are thousands, and few lengths. */
function longestFirst(open: Uint8Array, left: Int32Array): Int32Array {
  const starts = new Int32Array(open.length + 2);
  const bucket = (node: number): number => open.length - (left[node] ?? 0);
  for (let node = 0; node < open.length; node++) {
    if (open[node] === 1) starts[bucket(node) + 1] = (starts[bucket(node) + 1] ?? 0) + 1;
  }
  for (let at = 1; at < starts.length; at++) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
  const sorted = new Int32Array(starts.at(-1) ?? 0);
  for (let node = 0; node < open.length; node++) {
    if (open[node] !== 1) continue;
    const at = starts[bucket(node)] ?? 0;
    sorted[at] = node;
    starts[bucket(node)] = at + 1;
  }
  return sorted;
}

function criticalOf(first: number, next: Int32Array, tasks: number): Uint8Array {
  const isCritical = new Uint8Array(tasks);
  for (let node = first; node !== NONE; node = next[node] ?? NONE) {
    if (node >= tasks) continue;
    // A circle leads back.
    if (isCritical[node] === 1) break;
    isCritical[node] = 1;
  }
  return isCritical;
}
