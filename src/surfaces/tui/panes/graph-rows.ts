import type { Task } from '../../../core/tasks/task.ts';
import type { Span } from '../draw.ts';
import { type Dependencies, nodesOf } from '../project/dependencies.ts';
import { alsoNeeds, type TaskGraph } from '../project/graph.ts';
import type { TaskTable } from '../project/task-table.ts';
import type { ProjectView } from '../project/view.ts';
import { taskSign } from '../task-signs.ts';
import type { Lines } from '../theme.ts';
import type { Rows } from './list.ts';
import { memoised, memoisedPair } from './memoised.ts';
import type { PlanRow } from './plan.ts';

/** Deeper ones are drawn as deep as this. */
const MOST_LEVELS = 10;
/** So many of the others that a task waits for are named. */
const MOST_NAMED = 2;

/** The graph as rows: one for each open task, below the one that it waits for the longest. */
export function graphRows(view: ProjectView, folded: ReadonlySet<string>): Rows<PlanRow> {
  const { tasks, dependencies } = view;
  const graph = view.graph();
  const shown = shownOf(graph, folded, tasks);
  return {
    length: shown.nodes.length,
    at: (index) => {
      const node = shown.nodes[index];
      const task = node === undefined ? undefined : tasks.at(node);
      if (node === undefined || task === undefined) return undefined;
      return graphRow(task, { node, graph, tasks, dependencies, isFolded: folded.has(foldOf(task.id)) });
    },
    indexOf: (key) => {
      const place = tasks.placeOf(key.slice(KEY.length));
      return place === undefined ? -1 : (shown.rows[place] ?? -1);
    },
    textAt: (index) => {
      const task = tasks.at(shown.nodes[index] ?? -1);
      return task === undefined ? '' : `${task.id}  ${task.definition.title}`;
    },
  };
}

const KEY = 'open:';

/** No container has such an id. */
function foldOf(task: string): string {
  return `below ${task}`;
}

interface Shown {
  /** Those that are not folded away, in order. */
  readonly nodes: Int32Array;
  /** Of each node its row; -1 for those that are folded away or over. */
  readonly rows: Int32Array;
}

/** Worked out once for each graph, not for each frame. Of `tasks` only their places count, which stay for one graph. */
const shownOf = memoisedPair((graph: TaskGraph, folded: ReadonlySet<string>, tasks: TaskTable): Shown => {
  const folds = new Set(
    [...folded].flatMap((fold) => {
      const [, task] = /^below (.*)$/s.exec(fold) ?? [];
      return task === undefined ? [] : (tasks.placeOf(task) ?? []);
    }),
  );
  const nodes = new Int32Array(graph.order.length);
  const rows = new Int32Array(graph.parent.length).fill(-1);
  let length = 0;
  for (let at = 0; at < graph.order.length; ) {
    const node = graph.order[at] ?? 0;
    rows[node] = length;
    nodes[length] = node;
    length += 1;
    at += 1 + (folds.has(node) ? (graph.below[node] ?? 0) : 0);
  }
  return { nodes: nodes.subarray(0, length), rows };
});

interface Place {
  readonly node: number;
  readonly graph: TaskGraph;
  readonly tasks: TaskTable;
  readonly dependencies: Dependencies;
  readonly isFolded: boolean;
}

function graphRow(task: Task, place: Place): PlanRow {
  const { node, graph, tasks, isFolded } = place;
  const isCritical = graph.isCritical[node] === 1;
  const [left, below] = [graph.left[node] ?? 0, graph.below[node] ?? 0];
  const above = tasks.at(graph.parent[node] ?? -1);
  return {
    key: KEY + task.id,
    task: task.id,
    ...(below === 0 ? {} : { container: foldOf(task.id) }),
    parent: above === undefined ? undefined : KEY + above.id,
    spans: (theme) => {
      const { sign, why } = taskSign(task);
      return [
        [isCritical ? '* ' : '  ', 'critical'],
        [guides(graph, node, theme.lines), 'border'],
        [`${theme.sign(sign)} `, sign],
        [task.id, isCritical ? 'critical' : sign === 'pending' ? undefined : sign],
        ...(isFolded ? ([[` ${theme.lines.closed}${below}`, 'notice']] as const) : []),
        ...(task.definition.title === task.id ? [] : ([[`  ${task.definition.title}`, 'dim']] as const)),
        ...(why === undefined ? [] : ([[`  ${why}`, sign]] as const)),
        ...alsoText(place),
      ];
    },
    right: () => {
      const { sign, word } = taskSign(task);
      const long: Span = [`  ${left} left`, isCritical ? 'critical' : 'dim'];
      return [[` ${word}`, sign], ...(left > 1 ? [long] : [])];
    },
  };
}

/** Who else it waits for. */
function alsoText({ node, graph, tasks, dependencies }: Place): readonly Span[] {
  const others = alsoNeeds(dependencies, graph, tasks, node);
  if (others.length === 0) return [];
  const names = others
    .slice(0, MOST_NAMED)
    .map((need) => tasks.at(need)?.id ?? gateText({ node, graph, dependencies }, need));
  const more = others.length > MOST_NAMED ? ` +${others.length - MOST_NAMED}` : '';
  return [[`  also after ${names.join(', ')}${more}`, 'dim']];
}

function gateText(
  { node, graph, dependencies }: Pick<Place, 'node' | 'graph' | 'dependencies'>,
  gate: number,
) {
  const open = openIn(graph, dependencies)[gate - dependencies.tasks] ?? 0;
  const isAboveInIt = nodesOf(dependencies.needs, gate).includes(graph.parent[node] ?? -1);
  return `${isAboveInIt ? open - 1 : open} others`;
}

/** Of each gate how many of its tasks are open: counted once, for there may be thousands in one. */
const openIn = memoisedPair((graph: TaskGraph, { needs, tasks, nodes }: Dependencies): Int32Array => {
  const open = new Int32Array(nodes - tasks);
  for (let gate = tasks; gate < nodes; gate++) {
    for (const member of nodesOf(needs, gate)) {
      if (member < tasks && graph.rank[member] !== -1) open[gate - tasks] = (open[gate - tasks] ?? 0) + 1;
    }
  }
  return open;
});

/** Where a row hangs. An only one stands straight below the row before it, so that a long chain stays in place. */
const hangingsOf = memoised((graph: TaskGraph): { levels: Int32Array; isOnly: Uint8Array } => {
  const levels = new Int32Array(graph.parent.length);
  const isOnly = new Uint8Array(graph.parent.length);
  for (let at = 0; at < graph.order.length; at++) {
    const node = graph.order[at] ?? 0;
    const above = graph.parent[node] ?? -1;
    if (above === -1) continue;
    isOnly[node] = graph.below[above] === (graph.below[node] ?? 0) + 1 ? 1 : 0;
    levels[node] = (levels[above] ?? 0) + (isOnly[node] === 1 && isOnly[above] === 1 ? 0 : 1);
  }
  return { levels, isOnly };
});

function guides(graph: TaskGraph, node: number, lines: Lines): string {
  const { levels, isOnly } = hangingsOf(graph);
  const level = levels[node] ?? 0;
  if (level === 0) return '';
  const own = isOnly[node] === 1 ? `${lines.down} ` : isLast(graph, node) ? lines.lastBranch : lines.branch;
  const parts: string[] = [own];
  let known = level;
  for (let above = graph.parent[node] ?? -1; above !== -1 && known > 1; above = graph.parent[above] ?? -1) {
    if ((levels[above] ?? 0) >= known) continue;
    known = levels[above] ?? 0;
    parts.push(isOnly[above] === 1 || isLast(graph, above) ? '  ' : `${lines.vertical} `);
  }
  return parts.slice(0, MOST_LEVELS).toReversed().join('');
}

/** Nothing of what it hangs below comes after it and what hangs below it. */
function isLast({ rank, below, parent }: TaskGraph, node: number): boolean {
  const above = parent[node] ?? -1;
  const end = (of: number): number => (rank[of] ?? 0) + (below[of] ?? 0);
  return end(node) === end(above);
}
