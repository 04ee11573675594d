import type { AgentRecord } from '../../../core/agents/history.ts';
import type { ReadingApi, TaskList } from '../../../core/api/ports.ts';
import { UsageError } from '../../../core/errors.ts';
import type { LoggedEvent } from '../../../core/events/event.ts';
import type { AccountStanding } from '../../../core/resilience/breaker.ts';
import { mayReport, withPane } from './agents.ts';
import { LOOKED_THROUGH, MOST_EVENTS, withEvents } from './event-rows.ts';
import type { ClosedAccount, Records, Report } from './records.ts';
import { TaskTable } from './task-table.ts';

const PAGE = 1_000;
/** Of one call. */
const MOST_IDS = 1_000;
const PERSON = 'person';
const MOST_MERGES = 200;

/** Reads all of the project. What happens meanwhile is in it or comes after `seq`, or both. */
export async function readRecords(api: ReadingApi): Promise<Records> {
  const seq = await api.head();
  const [status, outline, messages, plans, merges, spending, begun, events] = await Promise.all([
    api.status(),
    READ.outline(api),
    READ.messages(api),
    READ.plans(api),
    READ.merges(api),
    READ.spending(api),
    api.agents(),
    readEvents(api, Math.max(0, seq - LOOKED_THROUGH)),
  ]);
  const { project, questions, orchestrators, heartbeatMs, paused, maxWaiting, roadmapProblem } = status;
  const tasks = TaskTable.of(status.tasks);
  const paned = withPane(tasks);
  const agents = Map.groupBy(
    begun.map(({ agent }) => agent),
    ({ task }) => task as string,
  );
  const known = events.filter((event) => event.seq <= seq);
  return {
    seq,
    project,
    tasks,
    outline: [],
    ...outline,
    agents: await readAgents(
      api,
      paned.map(({ id }) => id),
      agents,
    ),
    reports: await readReports(
      api,
      paned.filter(mayReport).map(({ id }) => id),
    ),
    questions,
    ...messages,
    ...plans,
    ...merges,
    orchestrators,
    heartbeatMs,
    paused,
    accounts: closedAccounts(status.accounts),
    ...spending,
    maxWaiting,
    roadmapProblem,
    events: withEvents([], known, seq),
  };
}

/** How an account stands changes with every turn; that it is closed, and until when, is an event. */
function closedAccounts(standings: readonly (AccountStanding | undefined)[]): readonly ClosedAccount[] {
  const closed = new Map<string, ClosedAccount>();
  for (const standing of standings) {
    if (standing?.cause === undefined) continue;
    const { account, cause, until, reason } = standing;
    closed.set(account, { account, cause, until, reason });
  }
  return [...closed.values()].sort((a, b) => (a.account < b.account ? -1 : 1));
}

/** The parts of the records that are read as a whole, by what reads them. */
export const READ = {
  outline: async (api) => {
    const outline = await api.outline();
    // While the file cannot be used, what is known of it stays.
    return outline === undefined ? {} : { outline };
  },
  questions: async (api) => ({ questions: await api.questions({ open: true }) }),
  messages: async (api) => ({ messages: await api.messages({ unreadBy: PERSON }) }),
  plans: async (api) => ({
    plans: (await api.plans({ state: 'open' }))
      .map(({ id, goal, proposedAt: at }) => ({ id, goal, at }))
      .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)),
  }),
  merges: async (api) => ({ merges: await api.merges({ limit: MOST_MERGES }) }),
  orchestrators: async (api) => {
    const { orchestrators, heartbeatMs, paused } = await api.orchestrators();
    return { orchestrators, heartbeatMs, paused };
  },
  accounts: async (api) => ({
    accounts: closedAccounts((await api.providers()).map(({ standing }) => standing)),
  }),
  spending: async (api) => ({
    spending: {
      total: (await api.usage({ by: 'agent', limit: 1 })).total,
      budgets: await api.budgets(),
    },
  }),
} satisfies Record<string, (api: ReadingApi) => Promise<Partial<Records>>>;

/** Tasks by their ids; those that are gone or archived are not in it. Without ids it says what is wrong with the plan. */
export async function readTasks(api: Pick<ReadingApi, 'tasks'>, ids: readonly string[]): Promise<TaskList> {
  const lists: TaskList[] = [];
  for (let from = 0; from === 0 || from < ids.length; from += MOST_IDS) {
    lists.push(await api.tasks({ ids: ids.slice(from, from + MOST_IDS) }));
  }
  return { ...lists.at(-1), tasks: lists.flatMap(({ tasks }) => tasks) };
}

export async function readAgents(
  api: Pick<ReadingApi, 'agents'>,
  tasks: readonly string[],
  known: ReadonlyMap<string, readonly AgentRecord[]> = new Map(),
): Promise<Map<string, readonly AgentRecord[]>> {
  const ofTask = async (task: string) => {
    // It may be gone by now: an event will say so.
    const views = await api.agents({ task }).catch(orNone);
    return views.map(({ agent }) => agent);
  };
  return new Map(
    await Promise.all(tasks.map(async (task) => [task, known.get(task) ?? (await ofTask(task))] as const)),
  );
}

/** The last thing that each said of how far it is. */
export async function readReports(
  api: Pick<ReadingApi, 'events'>,
  tasks: readonly string[],
): Promise<Map<string, Report | undefined>> {
  return new Map(
    await Promise.all(
      tasks.map(async (task) => {
        const events = await readEvents(api, 0, { task, types: ['agent.reported'] });
        const last = events.at(-1);
        return [task, last === undefined ? undefined : reportOf(last)] as const;
      }),
    ),
  );
}

function orNone(error: unknown): never[] {
  if (error instanceof UsageError) return [];
  throw error;
}

export function reportOf(event: LoggedEvent): Report | undefined {
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
