import { isOpen } from '../../../core/syncing/hold.ts';
import type { TaskState } from '../../../core/tasks/states.ts';
import type { Task } from '../../../core/tasks/task.ts';
import type { Dependencies } from './dependencies.ts';
import type { TaskTable } from './task-table.ts';

export type Progress = 'done' | 'running' | 'waiting' | 'ready' | 'pending' | 'blocked';

/** What is still to be done one after the other, beginning at a task that waits for nothing that is open. */
export interface Chain {
  readonly progress: Progress;
  /** Place of its first task. */
  readonly head: number;
  /** How many tasks are on the longest way from there to an end of the graph. */
  readonly length: number;
}

export interface TaskGraph {
  /** The longest first, at most `MOST_CHAINS`. Nothing is done sooner than the first one: it is the critical path. */
  readonly chains: readonly Chain[];
  /** Of each node, whether it is on the critical path. */
  readonly isCritical: Uint8Array;
  /** Of each node, where the longest way goes on; -1 at its end. */
  readonly next: Int32Array;
  /** Of each node, whether it is a task that is still to be done. */
  readonly isLeft: Uint8Array;
}

const MOST_CHAINS = 200;

const BLOCKED: readonly TaskState[] = ['failed', 'blocked', 'cancelled'];

function progressOf({ state, pendingNeeds }: Pick<Task, 'state' | 'pendingNeeds'>): Progress {
  if (!isOpen(state) && state !== 'cancelled') return 'done';
  if (BLOCKED.includes(state)) return 'blocked';
  if (state === 'waiting_input') return 'waiting';
  if (state === 'pending') return pendingNeeds === 0 ? 'ready' : 'pending';
  return 'running';
}

/** It is begun, or may be: whatever lies before it. */
function canGoOn(task: Task | undefined): boolean {
  const progress = task === undefined ? 'pending' : progressOf(task);
  return progress !== 'pending' && progress !== 'blocked';
}

/** Is the graph the same after this? */
export function isSameInGraph(before: Task | undefined, now: Task | undefined): boolean {
  return before?.state === now?.state && before?.pendingNeeds === now?.pendingNeeds;
}

/** `tasks`: those that the dependencies were made of, as they are now. */
export function graphOf(dependencies: Dependencies, tasks: TaskTable): TaskGraph {
  const isLeft = leftOf(dependencies, tasks);
  const { left, next } = waysOf(dependencies, isLeft);
  const isHeld = heldOf(dependencies, isLeft);
  const heads: number[] = [];
  for (let node = 0; node < tasks.size; node++) {
    if (isLeft[node] === 0) continue;
    if (isHeld[node] === 0 || canGoOn(tasks.at(node))) heads.push(node);
  }
  const chains = longest(heads, left).map((head): Chain => {
    const task = tasks.at(head);
    return { progress: task === undefined ? 'pending' : progressOf(task), head, length: left[head] ?? 0 };
  });
  const isCritical = new Uint8Array(dependencies.nodes);
  for (let node = chains[0]?.head ?? -1; node !== -1; node = next[node] ?? -1) isCritical[node] = 1;
  return { chains, isCritical, next, isLeft };
}

/** Places of the first `most` tasks of a chain. */
export function tasksOn({ next, isLeft }: TaskGraph, { head }: Chain, most: number): readonly number[] {
  const places: number[] = [];
  for (let node = head; node !== -1 && places.length < most; node = next[node] ?? -1) {
    if (isLeft[node] === 1) places.push(node);
  }
  return places;
}

function leftOf({ nodes }: Dependencies, tasks: TaskTable): Uint8Array {
  const isLeft = new Uint8Array(nodes);
  const list = tasks.list();
  for (let node = 0; node < list.length; node++) {
    const state = list[node]?.state;
    if (state !== undefined && isOpen(state)) isLeft[node] = 1;
  }
  return isLeft;
}

/** From each node to an end: how many tasks that are left lie on the longest way, and where it goes on. */
function waysOf(
  { order, nodes, needs: { starts, list } }: Dependencies,
  isLeft: Uint8Array,
): { left: Int32Array; next: Int32Array } {
  const left = new Int32Array(nodes);
  const next = new Int32Array(nodes).fill(-1);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at] ?? 0;
    const length = (left[node] ?? 0) + (isLeft[node] ?? 0);
    left[node] = length;
    if (length === 0) continue;
    const end = starts[node + 1] ?? 0;
    for (let index = starts[node] ?? 0; index < end; index++) {
      const need = list[index] ?? 0;
      const known = left[need] ?? 0;
      if (length > known || (length === known && node < (next[need] ?? -1))) {
        left[need] = length;
        next[need] = node;
      }
    }
  }
  return { left, next };
}

/** Of each node, whether something that is left lies before it. */
function heldOf({ order, nodes, needs: { starts, list } }: Dependencies, isLeft: Uint8Array): Uint8Array {
  const isHeld = new Uint8Array(nodes);
  for (let at = 0; at < order.length; at++) {
    const node = order[at] ?? 0;
    const end = starts[node + 1] ?? 0;
    for (let index = starts[node] ?? 0; index < end; index++) {
      const need = list[index] ?? 0;
      if (isLeft[need] === 1 || isHeld[need] === 1) {
        isHeld[node] = 1;
        break;
      }
    }
  }
  return isHeld;
}

/** The heads of the longest ways, the longest first and those of one length in their order. */
function longest(heads: readonly number[], left: Int32Array): readonly number[] {
  const counts: number[] = [];
  for (const head of heads) counts[left[head] ?? 0] = (counts[left[head] ?? 0] ?? 0) + 1;
  let least = counts.length;
  for (let found = 0; least > 0 && found < MOST_CHAINS; ) found += counts[--least] ?? 0;
  // The sort is for the few: there may be thousands that are ready.
  return heads
    .filter((head) => (left[head] ?? 0) >= least)
    .sort((a, b) => (left[b] ?? 0) - (left[a] ?? 0) || a - b)
    .slice(0, MOST_CHAINS);
}
