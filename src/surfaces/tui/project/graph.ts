import { isOpen } from '../../../core/syncing/hold.ts';
import type { TaskState } from '../../../core/tasks/states.ts';

/** What the graph needs to know of a task. */
export interface GraphTask {
  readonly id: string;
  readonly state: TaskState;
  readonly needs: readonly string[];
  readonly pendingNeeds: number;
}

/** A gate is a node too: all of a container or of the waves before one. */
export type Gates = ReadonlyMap<string, readonly string[]>;

export type Progress = 'done' | 'running' | 'waiting' | 'ready' | 'pending' | 'blocked';

/** What is still to be done one after the other, beginning at a task that waits for nothing that is open. */
export interface Chain {
  readonly progress: Progress;
  /** The longest way from its first task to an end of the graph. */
  readonly tasks: readonly string[];
}

export interface TaskGraph {
  /** Tasks by how many lie before each at least, in roadmap order. */
  readonly layers: readonly (readonly string[])[];
  /** The longest chain of tasks that are still open: nothing is done sooner than this. */
  readonly critical: readonly string[];
  /** The longest first, at most `MOST_CHAINS`. */
  readonly chains: readonly Chain[];
}

const MOST_CHAINS = 200;

const BLOCKED: readonly TaskState[] = ['failed', 'blocked', 'cancelled'];

function progressOf({ state, pendingNeeds }: Pick<GraphTask, 'state' | 'pendingNeeds'>): Progress {
  if (!isOpen(state) && state !== 'cancelled') return 'done';
  if (BLOCKED.includes(state)) return 'blocked';
  if (state === 'waiting_input') return 'waiting';
  if (state === 'pending') return pendingNeeds === 0 ? 'ready' : 'pending';
  return 'running';
}

/** Who waits for whom, with tasks and gates as numbers: what does not change while states do. */
export interface Shape {
  readonly ids: readonly string[];
  /** Nodes from here on are gates. */
  readonly tasks: number;
  readonly index: ReadonlyMap<string, number>;
  /** Of each node, the nodes that it waits for; those that are not there are left out. */
  readonly needs: readonly Int32Array[];
  /** The same the other way round. */
  readonly dependents: Dependents;
  /** Each node stands behind all that it waits for. */
  readonly order: Int32Array;
  /** Of each node, how many tasks lie before it on the longest way. */
  readonly depth: Int32Array;
}

/** `tasks` in roadmap order. Costs a few ms for 10,000; see `graphOf` for what follows from the states. */
export function shapeOf(tasks: readonly GraphTask[], gates: Gates): Shape {
  const ids = [...tasks.map(({ id }) => id), ...gates.keys()];
  const index = new Map(ids.map((id, i) => [id, i]));
  const known = (list: readonly string[]) => Int32Array.from(list.flatMap((id) => index.get(id) ?? []));
  const needs = [...tasks.map((task) => known(task.needs)), ...[...gates.values()].map(known)];
  const dependents = turnedRound(needs);
  const order = inOrder(needs, dependents);
  const depth = new Int32Array(ids.length);
  for (const node of order) {
    let before = 0;
    for (const need of needs[node] ?? []) {
      before = Math.max(before, (depth[need] ?? 0) + (need < tasks.length ? 1 : 0));
    }
    depth[node] = before;
  }
  return { ids, tasks: tasks.length, index, needs, dependents, order, depth };
}

/** Nodes behind what they wait for. Those of a circle, which no roadmap has for long, come last. */
function inOrder(needs: readonly Int32Array[], dependents: Dependents): Int32Array {
  const size = needs.length;
  const waiting = Int32Array.from(needs, (list) => list.length);
  const order = new Int32Array(size);
  let end = 0;
  for (let node = 0; node < size; node++) if (waiting[node] === 0) order[end++] = node;
  for (let at = 0; at < end; at++) {
    for (const dependent of dependentsOf(dependents, order[at] ?? 0)) {
      const left = (waiting[dependent] ?? 0) - 1;
      waiting[dependent] = left;
      if (left === 0) order[end++] = dependent;
    }
  }
  for (let node = 0; node < size; node++) if ((waiting[node] ?? 0) > 0) order[end++] = node;
  return order;
}

/** Lists in one: those of node `n` are in `list` from `starts[n]` to `starts[n + 1]`. */
interface Dependents {
  readonly starts: Int32Array;
  readonly list: Int32Array;
}

export function dependentsOf({ starts, list }: Dependents, node: number): Int32Array {
  return list.subarray(starts[node], starts[node + 1]);
}

function turnedRound(needs: readonly Int32Array[]): Dependents {
  const starts = new Int32Array(needs.length + 1);
  for (const list of needs) for (const need of list) starts[need + 1] = (starts[need + 1] ?? 0) + 1;
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const next = starts.slice();
  const flat = new Int32Array(starts.at(-1) ?? 0);
  needs.forEach((list, node) => {
    for (const need of list) {
      const at = next[need] ?? 0;
      flat[at] = node;
      next[need] = at + 1;
    }
  });
  return { starts, list: flat };
}

/** `tasks`: those that the shape was made of, in the same order, as they are now. */
export function graphOf(shape: Shape, tasks: readonly GraphTask[]): TaskGraph {
  const { ids, needs, order, depth } = shape;
  const isTask = (node: number) => node < shape.tasks;
  const states = tasks.map(progressOf);
  const isLeft = (node: number) =>
    isTask(node) && states[node] !== 'done' && tasks[node]?.state !== 'cancelled';
  // From each node to the end: how many open tasks lie on the longest way, and where it goes on.
  const left = new Int32Array(ids.length);
  const next = new Int32Array(ids.length).fill(-1);
  const isHeld = new Uint8Array(ids.length);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at] ?? 0;
    if (isLeft(node)) left[node] = (left[node] ?? 0) + 1;
    for (const need of needs[node] ?? []) {
      const length = left[node] ?? 0;
      if (length > (left[need] ?? 0) || (length === left[need] && length > 0 && node < (next[need] ?? -1))) {
        left[need] = length;
        next[need] = node;
      }
    }
  }
  for (const node of order) {
    for (const need of needs[node] ?? []) {
      if (isLeft(need) || isHeld[need] === 1) isHeld[node] = 1;
    }
  }
  const way = (from: number) => {
    const tasksOnIt: string[] = [];
    for (let node = from; node !== -1; node = next[node] ?? -1) {
      if (isLeft(node)) tasksOnIt.push(ids[node] ?? '');
    }
    return tasksOnIt;
  };
  const heads = tasks
    .map((_, node) => node)
    .filter(
      (node) =>
        isLeft(node) && (isHeld[node] === 0 || (states[node] !== 'pending' && states[node] !== 'blocked')),
    )
    .sort((a, b) => (left[b] ?? 0) - (left[a] ?? 0) || a - b);
  const chains = heads
    .slice(0, MOST_CHAINS)
    .map((node): Chain => ({ progress: states[node] ?? 'pending', tasks: way(node) }));
  return { layers: layersOf(shape, depth), critical: chains[0]?.tasks ?? [], chains };
}

function layersOf({ ids, tasks }: Shape, depth: Int32Array): string[][] {
  const layers: string[][] = [];
  for (let node = 0; node < tasks; node++) {
    const layer = depth[node] ?? 0;
    while (layers.length <= layer) layers.push([]);
    layers[layer]?.push(ids[node] ?? '');
  }
  return layers;
}
