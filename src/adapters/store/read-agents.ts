import { type Selectable, sql } from 'kysely';
import type { AgentRecord, TurnRecord, UsageSum } from '../../core/agents/history.ts';
import { agentStatus } from '../../core/agents/status.ts';
import { added, NO_USAGE } from '../../core/agents/usage.ts';
import type { TaskId } from '../../core/ids.ts';
import { ACTIVE_STATES, type TaskState } from '../../core/tasks/states.ts';
import { prepared } from './prepared.ts';
import { sessionsOf } from './read-records.ts';
import { taskOf } from './read-tasks.ts';
import { turnsOf } from './read-turns.ts';
import type { Session } from './session.ts';
import type { StepsTable } from './tables.ts';

const LIVE_STATES: readonly TaskState[] = [...ACTIVE_STATES, 'waiting_input', 'failed'];

const readLive = prepared((db, values: { limit: number }, { project }) =>
  db
    .selectFrom('tasks')
    .select('id')
    .where('project_id', '=', project)
    .where('state', 'in', LIVE_STATES)
    .orderBy('position')
    .limit(values.limit),
);

/** Tasks that were begun and wait for their next attempt; spelled out as in the index, which SQLite only then uses. */
const readBegun = prepared((db, values: { limit: number }, { project }) =>
  db
    .selectFrom('tasks')
    .select('id')
    .where('project_id', '=', project)
    .where(sql<boolean>`state = 'pending' and attempts > 0`)
    .orderBy('position')
    .limit(values.limit),
);

const readAll = prepared((db, values: { limit: number }, { project }) =>
  db
    .selectFrom('steps')
    .select('task as id')
    .where('project_id', '=', project)
    .groupBy('task')
    .orderBy((eb) => eb.fn.max<Selectable<StepsTable>['started_at']>('started_at'), 'desc')
    .limit(values.limit),
);

/**
 * The agents of one task, of every task that was begun and is not over, or (`all`) of those with the newest steps; of
 * at most `limit` tasks.
 */
export async function agentsOf(
  session: Session,
  filter: { task: TaskId } | { all: boolean; limit: number },
): Promise<AgentRecord[]> {
  const agents: AgentRecord[] = [];
  for (const id of await tasksOf(session, filter)) {
    const task = await taskOf(session, id);
    if (task === undefined) continue;
    const sessions = await sessionsOf(session, id);
    const turns = await turnsOf(session, id);
    for (const step of newestOfEach(turns)) {
      const { ended } = step.turn ?? {};
      const own = sessions.find(({ agent, provider }) => agent === step.agent && provider === step.provider);
      agents.push({
        task: id,
        title: task.definition.title,
        taskState: task.state,
        orchestrator: task.owner,
        branch: task.branch,
        worktree: task.worktree,
        status: agentStatus({ ...step, ended }, task),
        // A continued conversation keeps the id that an earlier step learnt.
        session: step.session ?? own?.session,
        step,
        usage: sumOf(turns.filter(({ agent }) => agent === step.agent)),
      });
    }
  }
  return agents;
}

async function tasksOf(
  session: Session,
  filter: { task: TaskId } | { all: boolean; limit: number },
): Promise<TaskId[]> {
  if ('task' in filter) return [filter.task];
  const { all, limit } = filter;
  const rows = all
    ? await readAll.all(session, { limit })
    : [...(await readLive.all(session, { limit })), ...(await readBegun.all(session, { limit }))];
  return rows.slice(0, limit).map(({ id }) => id as TaskId);
}

function newestOfEach(turns: readonly TurnRecord[]): TurnRecord[] {
  return [...new Map(turns.map((turn) => [turn.agent, turn])).values()];
}

function sumOf(turns: readonly TurnRecord[]): UsageSum {
  return turns.reduce(
    (sum, { usage, turn }) => added(sum, { ...usage, turns: turn === undefined ? 0 : 1 }),
    NO_USAGE,
  );
}
