import type { Position } from '../source/located.ts';
import { nearest } from '../source/nearest.ts';
import { quoted } from '../source/problem.ts';
import { type CycleStep, cyclePath, findCycles } from './cycle.ts';
import type { Declared } from './declared.ts';
import { place } from './fields.ts';
import { type Graph, graphOf, MOST_EDGES, type Need } from './graph.ts';
import type { Plan, Roadmap } from './model.ts';
import { planOf } from './plan.ts';
import type { RoadmapProblems } from './problem.ts';

const START: Position = { line: 1, col: 1 };

/**
 * Finds everything wrong with who waits for whom: unknown ids, items that wait for themselves, cycles. The DAG when
 * there is nothing.
 */
export function checkDependencies(
  roadmap: Roadmap,
  declared: Declared,
  problems: RoadmapProblems,
): Plan | undefined {
  const graph = graphOf(roadmap);
  if (graph === 'too-many') {
    problems.add(
      START,
      'too-many-dependencies',
      `The dependencies of all tasks together are more than ${MOST_EDGES}.`,
      'Let tasks depend on a phase or a plan in place of long lists of tasks.',
    );
    return undefined;
  }
  const wrong = checkEach(graph, declared, problems);
  const plan = wrong.size === 0 ? planOf(graph) : undefined;
  if (plan !== undefined) return plan;
  // A dependency that was refused by itself must not come back as a cycle.
  const isRefused = (need: Need) => wrong.has(`${need.owner}\n${need.named}`);
  for (const cycle of findCycles(graph, isRefused)) reportCycle(cycle, declared, problems);
  return undefined;
}

/** Checks each dependency by itself; returns the refused ones as `owner\nnamed`. */
function checkEach(graph: Graph, declared: Declared, problems: RoadmapProblems): ReadonlySet<string> {
  const around = new Map<string, readonly string[]>();
  for (const { id, path } of graph.tasks) {
    around.set(
      id,
      [path.initiative, path.phase, path.plan].filter((outer) => outer !== undefined),
    );
  }
  const inside = new Map(
    [...graph.containers.values()].map((container) => [container.id, new Set<string>(container.members)]),
  );
  const wrong = new Set<string>();
  let guesses = 50;
  for (const [owner, dependencies] of declared.dependencies) {
    for (const [named, at] of dependencies) {
      const found = declared.ids.get(named);
      if (found === undefined) {
        const now = declared.renames.get(named)?.to;
        const meant = now ?? (guesses-- > 0 ? nearest(named, declared.ids.keys()) : undefined);
        problems.add(
          at,
          'unknown-dependency',
          `${quoted(owner)} depends on ${quoted(named)}, which is not in the roadmap.`,
          now !== undefined
            ? `It is called ${quoted(now)} now: write that.`
            : meant === undefined
              ? 'Add it, or remove the dependency.'
              : `Did you mean "${meant}"?`,
        );
      } else if (named === owner) {
        problems.add(
          at,
          'self-dependency',
          `${quoted(owner)} depends on itself.`,
          'Remove it from depends_on.',
        );
      } else if (around.get(owner)?.includes(named) || isAround(named, owner, graph, inside)) {
        problems.add(
          at,
          'container-dependency',
          `${quoted(owner)} depends on the ${found.kind} ${quoted(named)} that it stands in.`,
          `Name the items of ${quoted(named)} that it really waits for.`,
        );
      } else if (inside.get(owner)?.has(named) || isAround(owner, named, graph, inside)) {
        problems.add(
          at,
          'container-dependency',
          `${quoted(owner)} depends on the ${found.kind} ${quoted(named)}, which stands in it.`,
          'Move the dependency to the tasks that wait for it.',
        );
      } else continue;
      wrong.add(`${owner}\n${named}`);
    }
  }
  return wrong;
}

/** Does the container `outer` hold the container `inner`? */
function isAround(
  outer: string,
  inner: string,
  graph: Graph,
  inside: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  const [a, b] = [graph.containers.get(outer), graph.containers.get(inner)];
  const first = b?.members[0];
  if (a === undefined || b === undefined || first === undefined || a.kind === b.kind) return false;
  const rank = { plan: 0, phase: 1, initiative: 2 };
  return rank[a.kind] > rank[b.kind] && inside.get(outer)?.has(first) === true;
}

function reportCycle(cycle: readonly CycleStep[], declared: Declared, problems: RoadmapProblems): void {
  const places = cycle.flatMap((step) => positionOf(step, declared) ?? []);
  const first = places[0] ?? START;
  const shown = [...new Set(places.map((at) => `${problems.file}:${place(at)}`))].slice(0, 10);
  problems.add(
    first,
    'cycle',
    `These wait for each other: ${cyclePath(cycle)} (${shown.join(', ')}${places.length > 10 ? ', …' : ''}).`,
    'Remove one of these dependencies.',
  );
}

/** Where it is written that one step of a cycle waits for the next; a member of a gate has no such place. */
function positionOf({ need }: CycleStep, declared: Declared): Position | undefined {
  if (need === undefined) return undefined;
  if (need.named === 'wave' && !declared.dependencies.get(need.owner)?.has('wave'))
    return declared.waves.get(need.owner);
  return declared.dependencies.get(need.owner)?.get(need.named);
}
