import { locksOverlap } from '../dispatch/file-locks.ts';
import type { Plan } from '../roadmap/model.ts';

/** Two tasks that may write the same file, with nothing that says which of them comes first. */
export interface Overlap {
  readonly one: string;
  readonly other: string;
  /** What `one` names. */
  readonly file: string;
}

/** Pairs are looked at up to so many: in a plan of thousands nobody reads them all. */
const MOST_PAIRS = 200_000;

/** Overlaps of the tasks in `of` with each other and with every other task that is not `over`. */
export function overlapsIn(
  plan: Plan,
  { of, over }: { of: ReadonlySet<string>; over: ReadonlySet<string> },
): readonly Overlap[] {
  const before = reachOf(plan);
  const tasks = plan.tasks.filter(({ definition: { id, files } }) => files.length > 0 && !over.has(id));
  const found: Overlap[] = [];
  let pairs = 0;
  for (const [at, { definition: one }] of tasks.entries()) {
    for (const { definition: other } of tasks.slice(at + 1)) {
      if (!of.has(one.id) && !of.has(other.id)) continue;
      pairs += 1;
      if (pairs > MOST_PAIRS) return found;
      const file = one.files.find((each) => locksOverlap([each], other.files));
      if (file === undefined) continue;
      if (before(one.id).has(other.id) || before(other.id).has(one.id)) continue;
      found.push({ one: one.id, other: other.id, file });
    }
  }
  return found;
}

/** All that a task waits for, directly or not. */
function reachOf({ tasks, gates }: Plan): (id: string) => ReadonlySet<string> {
  const needs = new Map<string, readonly string[]>([
    ...tasks.map(({ definition, needs: own }) => [definition.id, own] as const),
    ...gates.map(({ id, members }) => [id, members] as const),
  ]);
  const known = new Map<string, ReadonlySet<string>>();
  return (id) => {
    const earlier = known.get(id);
    if (earlier !== undefined) return earlier;
    const reached = new Set<string>();
    const open = [...(needs.get(id) ?? [])];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (reached.has(node)) continue;
      reached.add(node);
      open.push(...(needs.get(node) ?? []));
    }
    known.set(id, reached);
    return reached;
  };
}

/** How a plan can be worked through: tasks on its longest chain, and how many could run at once. */
export function shapeOf(plan: Plan, of: ReadonlySet<string>): { chain: number; atOnce: number } {
  const depths = new Map<string, number>();
  const nodes = new Map<string, { needs: readonly string[]; counts: boolean }>([
    ...plan.tasks.map(
      ({ definition, needs }) => [definition.id, { needs, counts: of.has(definition.id) }] as const,
    ),
    ...plan.gates.map(({ id, members }) => [id, { needs: members, counts: false }] as const),
  ]);
  // A parsed plan has no cycle. Each node is entered once and left once.
  for (const start of nodes.keys()) {
    const path = [start];
    while (path.length > 0) {
      const id = path.at(-1) ?? '';
      const node = nodes.get(id);
      const missing = node?.needs.find((need) => nodes.has(need) && !depths.has(need));
      if (missing !== undefined) {
        path.push(missing);
        continue;
      }
      path.pop();
      const below = Math.max(0, ...(node?.needs ?? []).map((need) => depths.get(need) ?? 0));
      depths.set(id, below + (node?.counts === true ? 1 : 0));
    }
  }
  const levels = new Map<number, number>();
  for (const id of of) {
    const depth = depths.get(id) ?? 0;
    if (depth > 0) levels.set(depth, (levels.get(depth) ?? 0) + 1);
  }
  return { chain: Math.max(0, ...levels.keys()), atOnce: Math.max(0, ...levels.values()) };
}
