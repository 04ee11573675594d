import type { ReadingApi } from '../../../core/api/ports.ts';
import type { ErrorFacts } from '../../../core/error-facts.ts';
import type { MergeRecord, OrchestratorRecord, Task } from '../../../core/tasks/task.ts';
import { type AgentPane, panesOf } from './agents.ts';
import type { EventRow } from './event-rows.ts';
import { gatesOf } from './gates.ts';
import { graphOf, type Shape, shapeOf, type TaskGraph } from './graph.ts';
import { type InboxItem, inboxOf } from './inbox.ts';
import { readRecords } from './read-records.ts';
import type { ClosedAccount, Records, Spending } from './records.ts';
import { countsOf, doneOf, type StateCounts, type TaskTree, treeOf } from './tree.ts';

/** All that is shown of a project. It never changes; a newer one takes its place. */
export interface ProjectView {
  /** Number of the last event that is in it. */
  readonly seq: number;
  readonly connection: 'live' | 'reconnecting';
  readonly project: string;
  /** By initiative, phase and plan. */
  readonly tasks: TaskTree;
  /** Every task by its id, in roadmap order. */
  readonly byId: ReadonlyMap<string, Task>;
  readonly graph: TaskGraph;
  /** In roadmap order. */
  readonly agents: readonly AgentPane[];
  readonly inbox: readonly InboxItem[];
  /** The newest last. */
  readonly events: readonly EventRow[];
  /** Oldest first. */
  readonly merges: readonly MergeRecord[];
  readonly orchestrators: readonly OrchestratorRecord[];
  /** How often an orchestrator is to be heard from. */
  readonly heartbeatMs: number;
  /** Provider accounts that take no work. */
  readonly accounts: readonly ClosedAccount[];
  /** Why the plan is not up to the roadmap file. */
  readonly roadmapProblem: ErrorFacts | undefined;
  readonly totals: Totals;
  /** What it was made of. */
  readonly records: Records;
  /** Who waits for whom; stays while only states change. */
  readonly shape: Shape;
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
  const tasks = [...records.tasks.values()];
  const shape =
    before !== undefined && isSameShape(before.records, records)
      ? before.shape
      : shapeOf(tasks, gatesOf(tasks, records.outline));
  const isSame = before?.records.tasks === records.tasks && before.shape === shape;
  const { project, merges, orchestrators, heartbeatMs, accounts, roadmapProblem, events } = records;
  return {
    seq: records.seq,
    connection,
    project,
    tasks: isSame ? before.tasks : treeOf(tasks, records.outline),
    byId: records.tasks,
    graph: isSame ? before.graph : graphOf(shape, tasks),
    agents: panesOf(tasks, records),
    inbox: inboxOf({ ...records, tasks }),
    events,
    merges,
    orchestrators,
    heartbeatMs,
    accounts,
    roadmapProblem,
    totals: totalsOf(isSame ? before.totals.counts : countsOf(tasks), records),
    records,
    shape,
  };
}

/** The same tasks in the same order, waiting for the same. */
function isSameShape(a: Records, b: Records): boolean {
  if (a.outline !== b.outline || a.tasks.size !== b.tasks.size) return false;
  if (a.tasks === b.tasks) return true;
  const others = b.tasks.values();
  for (const task of a.tasks.values()) {
    const other = others.next().value;
    if (task === other) continue;
    if (other === undefined || task.id !== other.id) return false;
    if (task.revision !== other.revision || task.needs.join() !== other.needs.join()) return false;
  }
  return true;
}

function totalsOf(counts: StateCounts, { tasks, spending }: Records): Totals {
  const { costUsd, inputTokens, outputTokens } = spending.total;
  const { budgets } = spending;
  return { counts, done: doneOf(counts), total: tasks.size, costUsd, inputTokens, outputTokens, budgets };
}
