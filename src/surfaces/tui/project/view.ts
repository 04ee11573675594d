import type { ReadingApi } from '../../../core/api/ports.ts';
import type { ErrorFacts } from '../../../core/error-facts.ts';
import type { MergeRecord, OrchestratorRecord, Pause, Task } from '../../../core/tasks/task.ts';
import { type AgentPane, panesOf } from './agents.ts';
import { doneOf, type StateCounts } from './counts.ts';
import { type Dependencies, dependenciesOf } from './dependencies.ts';
import type { EventRow } from './event-rows.ts';
import { graphOf, isSameInGraph, type TaskGraph } from './graph.ts';
import { type InboxItem, inboxOf } from './inbox.ts';
import { readRecords } from './read-records.ts';
import type { ClosedAccount, Records, Spending } from './records.ts';
import type { TaskTable } from './task-table.ts';
import { type TaskTree, treeAfter, treeOf } from './tree.ts';
import { treeShapeOf } from './tree-shape.ts';

/** All that is shown of a project. It never changes; a newer one takes its place. */
export interface ProjectView {
  /** Number of the last event that is in it. */
  readonly seq: number;
  readonly connection: 'live' | 'reconnecting';
  readonly project: string;
  readonly tasks: TaskTable;
  /** By initiative, phase and plan. */
  readonly tree: TaskTree;
  /** Who waits for whom; stays while tasks only move on. */
  readonly dependencies: Dependencies;
  /** What follows from that for the tasks as they are; worked out when it is asked for. */
  graph(): TaskGraph;
  /** In roadmap order. */
  readonly agents: readonly AgentPane[];
  readonly inbox: readonly InboxItem[];
  /** The newest last. */
  readonly events: readonly EventRow[];
  /** Oldest first. */
  readonly merges: readonly MergeRecord[];
  readonly orchestrators: readonly OrchestratorRecord[];
  /** Somebody paused the whole project. */
  readonly paused: Pause | undefined;
  /** How often an orchestrator is to be heard from. */
  readonly heartbeatMs: number;
  /** Provider accounts that take no work. */
  readonly accounts: readonly ClosedAccount[];
  /** Why the plan is not up to the roadmap file. */
  readonly roadmapProblem: ErrorFacts | undefined;
  readonly totals: Totals;
  /** What it was made of. */
  readonly records: Records;
}

export interface Totals {
  readonly counts: StateCounts;
  readonly done: number;
  readonly total: number;
  /** Of all that was ever done in the project. */
  readonly costUsd: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly budgets: Spending['budgets'];
}

/** Reads the project as it is now. Throws what the project throws. */
export async function load(api: ReadingApi): Promise<ProjectView> {
  return viewOf(await readRecords(api), 'live');
}

/** `before`: an older view, of which is kept what the records did not change. */
export function viewOf(
  records: Records,
  connection: ProjectView['connection'],
  before?: ProjectView,
): ProjectView {
  const { seq, project, tasks, merges, orchestrators, paused } = records;
  const { heartbeatMs, accounts, roadmapProblem, events } = records;
  return {
    ...planOf(records, before),
    seq,
    connection,
    project,
    tasks,
    agents: panesOf(records),
    inbox: inboxOf(records),
    events,
    merges,
    orchestrators,
    paused,
    heartbeatMs,
    accounts,
    roadmapProblem,
    totals: totalsOf(records),
    records,
  };
}

/** What costs time in proportion to all tasks when it is made anew. */
type Plan = Pick<ProjectView, 'tree' | 'dependencies' | 'graph'>;

function planOf(records: Records, before: ProjectView | undefined): Plan {
  return (before === undefined ? undefined : planAfter(records, before)) ?? newPlan(records);
}

function newPlan({ tasks, outline }: Records): Plan {
  const dependencies = dependenciesOf(tasks, outline);
  return {
    tree: treeOf(treeShapeOf(tasks, outline), tasks),
    dependencies,
    graph: graphLater(dependencies, tasks),
  };
}

/** Undefined when something comes, goes, moves, or waits for something else. */
function planAfter({ tasks, outline }: Records, before: ProjectView): Plan | undefined {
  if (outline !== before.records.outline) return undefined;
  const { tree, dependencies, graph } = before;
  const places = tasks.changedSince(before.tasks);
  if (places?.every((place) => staysWhereItIs(before.tasks.at(place), tasks.at(place))) !== true) {
    return undefined;
  }
  if (places.length === 0) return { tree, dependencies, graph };
  return {
    tree: treeAfter(tree, places, { before: before.tasks, tasks }),
    dependencies,
    graph: places.every((place) => isSameInGraph(before.tasks.at(place), tasks.at(place)))
      ? graph
      : graphLater(dependencies, tasks),
  };
}

function staysWhereItIs(before: Task | undefined, now: Task | undefined): boolean {
  if (before === undefined || now === undefined) return false;
  const [from, to] = [before.definition.path, now.definition.path];
  return (
    from.initiative === to.initiative &&
    from.phase === to.phase &&
    from.plan === to.plan &&
    before.needs.length === now.needs.length &&
    before.needs.every((need, at) => need === now.needs[at])
  );
}

/** Apart, so that it holds nothing else: a view before would hold the one before it, and so on. */
function graphLater(dependencies: Dependencies, tasks: TaskTable): () => TaskGraph {
  let known: TaskGraph | undefined;
  return () => {
    known ??= graphOf(dependencies, tasks);
    return known;
  };
}

function totalsOf({ tasks, spending }: Records): Totals {
  const { counts, size: total } = tasks;
  const { costUsd, inputTokens, outputTokens } = spending.total;
  const { budgets } = spending;
  return { counts, done: doneOf(counts), total, costUsd, inputTokens, outputTokens, budgets };
}
