import type { GateId, NodeId } from '../ids.ts';
import type { Graph, Need } from './graph.ts';

/** A step on a cycle: `from` waits for `to`, because of `need` (absent when `to` is a member of the gate `from`). */
export interface CycleStep {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly need?: Need;
}

interface Edge {
  readonly to: number;
  readonly need?: Need;
}

/**
 * One shortest cycle from every knot of nodes that wait for each other; empty when the graph has an order.
 * Needs that are `ignored` are not followed. Takes time linear in the edges, and one breadth-first search for each knot.
 */
export function findCycles(
  graph: Graph,
  ignored: (need: Need) => boolean = () => false,
): readonly (readonly CycleStep[])[] {
  const { names, edges } = numbered(graph, ignored);
  return knots(edges).map((knot) => shortestCycle(knot, names, edges));
}

function numbered(
  graph: Graph,
  ignored: (need: Need) => boolean,
): { names: readonly NodeId[]; edges: readonly (readonly Edge[])[] } {
  const names: NodeId[] = [...graph.tasks.map((task) => task.id), ...graph.gates.keys()];
  const index = new Map<NodeId, number>(names.map((name, i) => [name, i]));
  const at = (node: NodeId): number => index.get(node) ?? -1;
  const edges: (readonly Edge[])[] = graph.needs.map((needs) =>
    needs.filter((need) => !ignored(need)).map((need) => ({ to: at(need.node), need })),
  );
  for (const members of graph.gates.values()) edges.push(members.map((member) => ({ to: at(member) })));
  return { names, edges };
}

/** Strongly connected components with a cycle in them (Tarjan, without recursion), by their first node. */
function knots(edges: readonly (readonly Edge[])[]): number[][] {
  const order = new Int32Array(edges.length).fill(-1);
  const low = new Int32Array(edges.length);
  const onStack = new Uint8Array(edges.length);
  const next = new Int32Array(edges.length);
  const stack: number[] = [];
  const found: number[][] = [];
  let count = 0;
  const enter = (node: number, path: number[]) => {
    order[node] = low[node] = count++;
    onStack[node] = 1;
    stack.push(node);
    path.push(node);
  };
  for (let root = 0; root < edges.length; root++) {
    if (order[root] !== -1) continue;
    const path: number[] = [];
    enter(root, path);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const edge = edges[node]?.[next[node] ?? 0];
      if (edge !== undefined) {
        next[node] = (next[node] ?? 0) + 1;
        if (order[edge.to] === -1) enter(edge.to, path);
        else if (onStack[edge.to]) low[node] = Math.min(low[node] ?? 0, order[edge.to] ?? 0);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[node] ?? 0);
      if (low[node] !== order[node]) continue;
      const knot = stack.splice(stack.lastIndexOf(node));
      for (const member of knot) onStack[member] = 0;
      if (knot.length > 1 || edges[node]?.some((out) => out.to === node))
        found.push(knot.sort((a, b) => a - b));
    }
  }
  return found.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

/** The shortest way from the first node of the knot back to itself. */
function shortestCycle(
  knot: readonly number[],
  names: readonly NodeId[],
  edges: readonly (readonly Edge[])[],
): CycleStep[] {
  const start = knot[0] ?? 0;
  const inside = new Set(knot);
  const cameBy = new Map<number, { from: number; edge: Edge }>();
  const queue = [start];
  for (const from of queue) {
    for (const edge of edges[from] ?? []) {
      if (!inside.has(edge.to) || cameBy.has(edge.to)) continue;
      cameBy.set(edge.to, { from, edge });
      queue.push(edge.to);
    }
    if (cameBy.has(start)) break;
  }
  const steps: CycleStep[] = [];
  let node = start;
  do {
    const came = cameBy.get(node);
    if (came === undefined) break;
    const step = { from: names[came.from] as NodeId, to: names[node] as NodeId };
    steps.unshift(came.edge.need === undefined ? step : { ...step, need: came.edge.need });
    node = came.from;
  } while (node !== start);
  return steps;
}

/** A node as a person knows it: an id, or the earlier waves of a container. */
function nodeName(node: NodeId): string {
  if (!isGate(node)) return node;
  const [id = '', wave] = node.slice('gate:'.length).split('#');
  if (wave === undefined) return id;
  return `waves before ${wave}${id === '' ? '' : ` of ${id}`}`;
}

function isGate(node: NodeId): node is GateId {
  return node.startsWith('gate:');
}

/** `a → b → a`. */
export function cyclePath(steps: readonly CycleStep[]): string {
  const shown = steps.length <= 24 ? steps : [...steps.slice(0, 20), ...steps.slice(-2)];
  const parts = shown.map((step) => nodeName(step.from));
  if (shown !== steps) parts.splice(20, 0, `… ${steps.length - 22} more …`);
  return [...parts, nodeName((steps[0] as CycleStep).from)].join(' → ');
}
