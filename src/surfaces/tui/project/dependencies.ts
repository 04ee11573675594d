import type { OutlinePart } from '../../../core/roadmap/outline.ts';
import { type Gates, gatesOf } from './gates.ts';
import type { TaskTable } from './task-table.ts';

/**
 * Who waits for whom; it does not change while tasks only move on. A node is a task, by its place in the table, or
 * behind the tasks a gate.
 */
export interface Dependencies {
  /** Nodes from here on are gates. */
  readonly tasks: number;
  readonly nodes: number;
  /** Of each node, the nodes that it waits for; those that are not there are left out. */
  readonly needs: NodeLists;
  /** The same the other way round. */
  readonly dependents: NodeLists;
  /** Each node stands behind all that it waits for. */
  readonly order: Int32Array;
}

/** Lists in one: those of node `n` are in `list` from `starts[n]` to `starts[n + 1]`. */
export interface NodeLists {
  readonly starts: Int32Array;
  readonly list: Int32Array;
}

/** The gates are those of the outline. Costs a few ms for 10,000 tasks; see `graphOf` for what follows from the states. */
export function dependenciesOf(tasks: TaskTable, outline: readonly OutlinePart[]): Dependencies {
  return dependenciesAmong(tasks, gatesOf(tasks.list(), outline));
}

/** @internal For the tests. */
export function dependenciesAmong(tasks: TaskTable, gates: Gates): Dependencies {
  const gateNodes = new Map([...gates.keys()].map((gate, index) => [gate, tasks.size + index]));
  const nodes = tasks.size + gates.size;
  const starts = new Int32Array(nodes + 1);
  const list: number[] = [];
  const add = (node: number, needs: readonly string[]): void => {
    for (const need of needs) {
      const known = tasks.placeOf(need) ?? gateNodes.get(need);
      if (known !== undefined) list.push(known);
    }
    starts[node + 1] = list.length;
  };
  for (const [node, task] of tasks.list().entries()) add(node, task.needs);
  for (const [gate, members] of gates) add(gateNodes.get(gate) ?? 0, members);
  const needs = { starts, list: Int32Array.from(list) };
  const dependents = turnedRound(needs);
  return { tasks: tasks.size, nodes, needs, dependents, order: inOrder(needs, dependents) };
}

export function nodesOf({ starts, list }: NodeLists, node: number): Int32Array {
  return list.subarray(starts[node], starts[node + 1]);
}

function turnedRound(lists: NodeLists): NodeLists {
  const starts = new Int32Array(lists.starts.length);
  for (const node of lists.list) starts[node + 1] = (starts[node + 1] ?? 0) + 1;
  for (let node = 1; node < starts.length; node++)
    starts[node] = (starts[node] ?? 0) + (starts[node - 1] ?? 0);
  const next = starts.slice();
  const list = new Int32Array(lists.list.length);
  for (let from = 0; from < starts.length - 1; from++) {
    for (const to of nodesOf(lists, from)) {
      const at = next[to] ?? 0;
      list[at] = from;
      next[to] = at + 1;
    }
  }
  return { starts, list };
}

/** Nodes behind what they wait for. Those of a circle, which no roadmap has for long, come last. */
function inOrder(needs: NodeLists, dependents: NodeLists): Int32Array {
  const size = needs.starts.length - 1;
  const waiting = Int32Array.from({ length: size }, (_, node) => nodesOf(needs, node).length);
  const order = new Int32Array(size);
  let end = 0;
  for (let node = 0; node < size; node++) if (waiting[node] === 0) order[end++] = node;
  for (let at = 0; at < end; at++) {
    for (const dependent of nodesOf(dependents, order[at] ?? 0)) {
      const left = (waiting[dependent] ?? 0) - 1;
      waiting[dependent] = left;
      if (left === 0) order[end++] = dependent;
    }
  }
  for (let node = 0; node < size; node++) if ((waiting[node] ?? 0) > 0) order[end++] = node;
  return order;
}
