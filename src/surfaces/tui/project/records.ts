import type { AgentRecord } from '../../../core/agents/history.ts';
import type { BudgetView, ProjectApi, ReadingApi } from '../../../core/api/ports.ts';
import type { ErrorFacts } from '../../../core/error-facts.ts';
import { UsageError } from '../../../core/errors.ts';
import type { LoggedEvent } from '../../../core/events/event.ts';
import type { AccountStanding } from '../../../core/resilience/breaker.ts';
import type { MessageRecord } from '../../../core/tasks/message.ts';
import type { MergeRecord, OrchestratorRecord, QuestionRecord, Task } from '../../../core/tasks/task.ts';
import { type Report, withPane } from './agents.ts';
import { type EventRow, LOOKED_THROUGH, MOST_EVENTS, withEvents } from './event-rows.ts';
import { type OutlinePart, outlineOf } from './outline.ts';

/** What the view is made of, as the project gave it. */
export interface Records {
  /** Number of the last event that is in it. */
  readonly seq: number;
  readonly project: string;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly outline: readonly OutlinePart[];
  /** Of the tasks that have a pane. */
  readonly agents: ReadonlyMap<string, readonly AgentRecord[]>;
  readonly reports: ReadonlyMap<string, Report>;
  /** The open ones. */
  readonly questions: readonly QuestionRecord[];
  /** To the person, not read yet. */
  readonly messages: readonly MessageRecord[];
  readonly merges: readonly MergeRecord[];
  readonly orchestrators: readonly OrchestratorRecord[];
  readonly heartbeatMs: number;
  /** Those that something is known against. */
  readonly accounts: readonly AccountStanding[];
  readonly budgets: readonly BudgetView[];
  readonly maxWaiting: number | undefined;
  readonly roadmapProblem: ErrorFacts | undefined;
  readonly events: readonly EventRow[];
}

const PAGE = 1_000;
const PERSON = 'person';

/** Reads all of the project. What happens meanwhile is in it or comes after `seq`, or both. */
export async function readRecords(api: ReadingApi): Promise<Records> {
  const seq = await api.head();
  const [status, outline, messages, merges, budgets, events] = await Promise.all([
    api.status(),
    readOutline(api),
    api.messages({ unreadBy: PERSON }),
    api.merges(),
    api.budgets(),
    readEvents(api, Math.max(0, seq - LOOKED_THROUGH)),
  ]);
  const paned = withPane(status.tasks).map(({ id }) => id);
  return {
    seq,
    project: status.project,
    tasks: byId(status.tasks),
    outline: outline ?? [],
    agents: await readAgents(api, paned),
    reports: await readReports(api, paned),
    questions: status.questions,
    messages,
    merges,
    orchestrators: status.orchestrators,
    heartbeatMs: status.heartbeatMs,
    accounts: status.accounts,
    budgets,
    maxWaiting: status.maxWaiting,
    roadmapProblem: status.roadmapProblem,
    events: withEvents(
      [],
      events.filter((event) => event.seq <= seq),
      seq,
    ),
  };
}

function byId(tasks: readonly Task[]): ReadonlyMap<string, Task> {
  return new Map(tasks.map((task) => [task.id, task]));
}

/** Undefined while the file cannot be used: what is known of it stays. */
async function readOutline(api: Pick<ProjectApi, 'roadmap'>): Promise<readonly OutlinePart[] | undefined> {
  try {
    return outlineOf((await api.roadmap()).roadmap);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

async function readAgents(
  api: Pick<ReadingApi, 'agents'>,
  tasks: readonly string[],
): Promise<Map<string, readonly AgentRecord[]>> {
  return new Map(
    await Promise.all(
      tasks.map(async (task) => [task, (await api.agents({ task })).map(({ agent }) => agent)] as const),
    ),
  );
}

/** The last thing that each said of how far it is. */
async function readReports(
  api: Pick<ReadingApi, 'events'>,
  tasks: readonly string[],
): Promise<Map<string, Report>> {
  const found = await Promise.all(
    tasks.map(async (task) => {
      const events = await readEvents(api, 0, { task, types: ['agent.reported'] });
      const last = events.at(-1);
      return last === undefined ? [] : [[task, reportOf(last)] as const];
    }),
  );
  return new Map(found.flat().flatMap(([task, report]) => (report === undefined ? [] : [[task, report]])));
}

function reportOf(event: LoggedEvent): Report | undefined {
  if (event.type !== 'agent.reported') return undefined;
  const { text, percent, attempt, at } = event;
  return { text, percent, attempt, at };
}

async function readEvents(
  api: Pick<ReadingApi, 'events'>,
  from: number,
  filter: Omit<Parameters<ReadingApi['events']>[0], 'after' | 'limit'> = {},
): Promise<readonly LoggedEvent[]> {
  let all: LoggedEvent[] = [];
  for (let after = from; ; ) {
    const events = await api.events({ after, ...filter, limit: PAGE });
    // Only the newest are shown.
    all = [...all.slice(-MOST_EVENTS), ...events];
    const last = events.at(-1);
    if (last === undefined || events.length < PAGE) return all;
    after = last.seq;
  }
}
