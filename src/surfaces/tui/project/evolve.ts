import type { LoggedEvent } from '../../../core/events/event.ts';
import type { Task } from '../../../core/tasks/task.ts';
import { mayReport, withPane } from './agents.ts';
import { withEvents } from './event-rows.ts';
import { reportOf } from './read-records.ts';
import type { Records, Report } from './records.ts';
import { TaskTable } from './task-table.ts';
import { type ProjectView, viewOf } from './view.ts';
import { heldOpen, NOTHING, type Wants, wantsOf } from './wants.ts';

/** What was read anew. */
export interface Details
  extends Partial<
    Pick<
      Records,
      | 'outline'
      | 'questions'
      | 'messages'
      | 'plans'
      | 'merges'
      | 'orchestrators'
      | 'heartbeatMs'
      | 'paused'
      | 'accounts'
      | 'spending'
      | 'agents'
    >
  > {
  /** `ids`: those that were asked for; absent when all were. Who was asked for and is not listed is gone. */
  readonly tasks?: { readonly ids?: ReadonlySet<string>; readonly list: readonly Task[] };
  /** Of the tasks in `agents`. */
  readonly reports?: ReadonlyMap<string, Report | undefined>;
  /** Undefined in it: nothing is wrong. */
  readonly problem?: { readonly is: Records['roadmapProblem'] };
}

/**
 * The view after `events`, which follow on it without a gap, and with `details`, which were read after them. `wants` is
 * what the events left open: once that was read and given to it, the view is the same as one that was loaded.
 */
export function evolve(
  view: ProjectView,
  events: readonly LoggedEvent[],
  details: Details = {},
): { view: ProjectView; wants: Wants } {
  const news = events.filter(({ seq }) => seq > view.seq);
  const told = afterEvents(view.records, news);
  const wanted = news.length === 0 ? NOTHING : wantsOf(view, news);
  const records = afterDetails(told, details);
  const next = records === view.records ? view : viewOf(records, view.connection, view);
  return { view: next, wants: withFollowing(wanted, view, next, details) };
}

function afterEvents(records: Records, events: readonly LoggedEvent[]): Records {
  const last = events.at(-1);
  if (last === undefined) return records;
  const reports = new Map(records.reports);
  for (const event of events) {
    const report = reportOf(event);
    // Of the others it is read as soon as it matters.
    if (report !== undefined && event.type === 'agent.reported' && reports.has(event.task)) {
      reports.set(event.task, report);
    }
  }
  return {
    ...records,
    seq: last.seq,
    reports: events.some(isReport) ? reports : records.reports,
    events: withEvents(records.events, events, last.seq),
  };
}

function isReport({ type }: LoggedEvent): boolean {
  return type === 'agent.reported';
}

function afterDetails(records: Records, details: Details): Records {
  if (Object.keys(details).length === 0) return records;
  const { tasks: read, problem, agents, reports, outline, ...parts } = details;
  const tasks = read === undefined ? records.tasks : afterReading(records.tasks, read);
  // Only of tasks that have a pane, as a view that is loaded.
  const paned = withPane(tasks);
  return {
    ...records,
    ...parts,
    // The same object, so that the tree is kept with all that it knows.
    outline: outline === undefined || isSame(outline, records.outline) ? records.outline : outline,
    tasks,
    agents: kept(records.agents, agents, idsOf(paned)),
    reports: kept(records.reports, reports, idsOf(paned.filter(mayReport))),
    roadmapProblem: problem === undefined ? records.roadmapProblem : problem.is,
  };
}

function afterReading(tasks: TaskTable, { ids, list }: NonNullable<Details['tasks']>): TaskTable {
  return ids === undefined ? TaskTable.of(list) : tasks.read(ids, list);
}

function idsOf(tasks: readonly Task[]): ReadonlySet<string> {
  return new Set(tasks.map(({ id }) => id));
}

function kept<T>(
  before: ReadonlyMap<string, T>,
  read: ReadonlyMap<string, T> | undefined,
  paned: ReadonlySet<string>,
): ReadonlyMap<string, T> {
  const next = new Map([...before, ...(read ?? [])].filter(([task]) => paned.has(task)));
  return read === undefined && next.size === before.size ? before : next;
}

/** What is open after that: agents of tasks that were read or have a pane only now, and what stands behind a gate. */
function withFollowing(wants: Wants, before: ProjectView, view: ProjectView, details: Details): Wants {
  if (details.tasks === undefined) return wants;
  const { ids } = details.tasks;
  const tasks = wants.tasks === 'all' ? wants.tasks : new Set(wants.tasks);
  if (tasks !== 'all' && ids !== undefined) {
    const changed = [...ids].filter((id) => isOtherwiseHeld(before.tasks.get(id), view.tasks.get(id)));
    for (const id of heldOpen(before, changed)) if (!ids.has(id)) tasks.add(id);
  }
  const agents = new Set(wants.agents);
  for (const { task } of view.agents) {
    if (details.agents?.has(task)) continue;
    const isRead = ids === undefined || ids.has(task);
    if (
      !view.records.agents.has(task) ||
      lacksReport(view, task) ||
      (isRead && !isSame(before.tasks.get(task), view.tasks.get(task)))
    ) {
      agents.add(task);
    }
  }
  return { ...wants, tasks, agents };
}

/** It matters how far its agent is, and nobody has looked yet. */
export function lacksReport({ tasks, records }: ProjectView, id: string): boolean {
  const task = tasks.get(id);
  return task !== undefined && mayReport(task) && !records.reports.has(id);
}

function isOtherwiseHeld(before: Task | undefined, now: Task | undefined): boolean {
  return before?.pendingNeeds !== now?.pendingNeeds || before?.needs.join() !== now?.needs.join();
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
