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
  const open = Uint8Array.from(tasks.list(), (task) => (isLeft(task) ? 1 : 0));
  const { left, next } = waysOf(dependencies, open);
  const parent = parentsOf(dependencies, tasks, open);
  const children = childrenOf(parent, open, left);
  const order = preorder(children);
  const rank = new Int32Array(tasks.size).fill(NONE);
  for (const [at, node] of order.entries()) rank[node] = at;
  const below = new Int32Array(tasks.size);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at] ?? 0;
    const above = parent[node] ?? NONE;
    if (above !== NONE) below[above] = (below[above] ?? 0) + (below[node] ?? 0) + 1;
  }
  const isCritical = criticalOf(children.roots[0] ?? NONE, next, tasks.size);
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

interface Children {
  readonly roots: readonly number[];
  readonly of: ReadonlyMap<number, readonly number[]>;
}

/** Who stands below whom, the longest way first. */
function childrenOf(parent: Int32Array, open: Uint8Array, left: Int32Array): Children {
  const roots: number[] = [];
  const of = new Map<number, number[]>();
  for (let node = 0; node < parent.length; node++) {
    if (open[node] === 0) continue;
    const above = parent[node] ?? NONE;
    const list = above === NONE ? roots : of.get(above);
    if (list === undefined) of.set(above, [node]);
    else list.push(node);
  }
  const longestFirst = (a: number, b: number): number => (left[b] ?? 0) - (left[a] ?? 0) || a - b;
  roots.sort(longestFirst);
  for (const list of of.values()) list.sort(longestFirst);
  return { roots, of };
}

function preorder({ roots, of }: Children): Int32Array {
  const found: number[] = [];
  const waiting = roots.toReversed();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    found.push(node);
    waiting.push(...(of.get(node) ?? []).toReversed());
  }
  return Int32Array.from(found);
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
