import { UsageError } from '../errors.ts';
import type { NodeId } from '../ids.ts';
import { cyclePath, findCycles } from './cycle.ts';
import { type Graph, graphOf, MOST_EDGES } from './graph.ts';
import type { Plan, PlannedTask, Roadmap, RoadmapTask } from './model.ts';

/**
 * The DAG of a roadmap. Dependencies on containers, and waves, become gates; what a container waits for, each
 * of its tasks waits for. Throws `UsageError` with code `PLAN_CYCLE`, naming the cycle as `a → b → a`, or
 * `PLAN_TOO_LARGE`; a parsed roadmap has neither, and has its plan already. Time and space are linear in the edges.
 * @internal Only tests and experiments have roadmaps that were not parsed.
 */
export function buildPlan(roadmap: Roadmap): Plan {
  const graph = graphOf(roadmap);
  if (graph === 'too-many') {
    throw new UsageError('PLAN_TOO_LARGE', `The plan has more than ${MOST_EDGES} dependencies.`, {
      advice: 'Let tasks depend on a phase or a plan in place of long lists of tasks.',
    });
  }
  const plan = planOf(graph);
  if (plan !== undefined) return plan;
  const [cycle = []] = findCycles(graph);
  throw new UsageError('PLAN_CYCLE', `These wait for each other: ${cyclePath(cycle)}.`, {
    advice: 'Remove one of these dependencies.',
  });
}

/** The DAG of a graph; `undefined` when it has a cycle. */
export function planOf(graph: Graph): Plan | undefined {
  const chains = longestChains(graph);
  if (chains === undefined) return undefined;
  return {
    tasks: graph.tasks.map((task, order) => ({
      ...definitionOf(task),
      order,
      needs: [...new Set(graph.needs[order]?.map((need) => need.node))],
      chain: chains[order] ?? 1,
    })),
    gates: [...graph.gates].map(([id, members]) => ({ id, members })),
    ...renamedContainers(graph),
  };
}

/** The definition is the task itself where it can be, so that a task that was not read anew stays the same object. */
function definitionOf(task: RoadmapTask): Pick<PlannedTask, 'definition' | 'was'> {
  if (task.was === undefined) return { definition: task };
  const { was, ...definition } = task;
  return { definition, was };
}

function renamedContainers({ containers }: Graph): Pick<Plan, 'renamedContainers'> {
  const renamed = [...containers.values()].flatMap(({ id, was = [] }) =>
    was.map((old) => [old, id] as const),
  );
  return renamed.length === 0 ? {} : { renamedContainers: new Map(renamed) };
}

/**
 * For each task, how many tasks stand on the longest way from it to an end, itself included; `undefined` when
 * there is a cycle. Kahn's algorithm from the ends: a node is settled when all that wait for it are.
 */
function longestChains(graph: Graph): readonly number[] | undefined {
  const count = graph.tasks.length;
  const names: NodeId[] = [...graph.tasks.map((task) => task.id), ...graph.gates.keys()];
  const index = new Map<NodeId, number>(names.map((name, i) => [name, i]));
  const edges = [
    ...graph.needs.map((needs) => needs.map((need) => index.get(need.node) ?? 0)),
    ...[...graph.gates.values()].map((members) => members.map((member) => index.get(member) ?? 0)),
  ];
  const waiting = new Int32Array(names.length);
  for (const out of edges) for (const to of out) waiting[to] = (waiting[to] ?? 0) + 1;

  const behind = new Int32Array(names.length);
  const chains = new Array<number>(count).fill(1);
  const settled = names.flatMap((_, node) => (waiting[node] === 0 ? [node] : []));
  for (const node of settled) {
    const length = (behind[node] ?? 0) + (node < count ? 1 : 0);
    if (node < count) chains[node] = length;
    for (const to of edges[node] ?? []) {
      behind[to] = Math.max(behind[to] ?? 0, length);
      waiting[to] = (waiting[to] ?? 0) - 1;
      if (waiting[to] === 0) settled.push(to);
    }
  }
  return settled.length === names.length ? chains : undefined;
}
