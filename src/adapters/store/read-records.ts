import { type Selectable, sql } from 'kysely';
import type { ProcessIdentity } from '../../core/agents/ports.ts';
import type { EventType, LoggedEvent } from '../../core/events/event.ts';
import type { TaskId } from '../../core/ids.ts';
import { approvalSubject } from '../../core/review/approval-subject.ts';
import type { QuestionRecord, SessionRecord, StepRecord } from '../../core/tasks/task.ts';
import { eventColumn, parseColumn, stringsColumn } from './json-column.ts';
import { namesOf } from './names-in-log.ts';
import { prepared, rowsOf } from './prepared.ts';
import type { Session } from './session.ts';
import type { StepsTable } from './tables.ts';

const DEFAULT_EVENTS = 1_000;

/** What a step is, without the long texts of its turn. */
export const STEP_COLUMNS = [
  'step',
  'attempt',
  'step_index',
  'agent',
  'round',
  'kind',
  'provider',
  'state',
  'outcome',
  'verdict',
  'summary',
  'session',
  'pid',
  'pid_start',
  'boot_id',
  'cost_usd',
  'started_at',
  'finished_at',
] as const;
export type StepColumn = (typeof STEP_COLUMNS)[number];

const readSteps = prepared((db, values: { task: string }, { project }) =>
  db
    .selectFrom('steps')
    .select(STEP_COLUMNS)
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .orderBy('step'),
);

export async function stepsOf(session: Session, task: TaskId): Promise<StepRecord[]> {
  return (await readSteps.all(session, { task })).map((row) => asStep(task, row));
}

export function asStep(task: TaskId, row: Pick<Selectable<StepsTable>, StepColumn>): StepRecord {
  return {
    task,
    attempt: row.attempt,
    step: row.step,
    index: row.step_index,
    agent: row.agent,
    round: row.round,
    kind: row.kind,
    provider: row.provider,
    state: row.state,
    outcome: row.outcome ?? undefined,
    verdict: row.verdict ?? undefined,
    summary: row.summary ?? undefined,
    session: row.session ?? undefined,
    process: identityOf(row),
    costUsd: row.cost_usd,
    startedAt: row.started_at,
    finishedAt: row.finished_at ?? undefined,
  };
}

export async function sessionsOf({ db, project }: Session, task: TaskId): Promise<SessionRecord[]> {
  const rows = await db
    .selectFrom('sessions')
    .selectAll()
    .where('project_id', '=', project)
    .where('task', '=', task)
    .orderBy('agent')
    .execute();
  return rows.map((row) => ({
    task,
    agent: row.agent,
    provider: row.provider,
    session: row.session,
    totals: {
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      cachedTokens: row.cached_tokens,
      costUsd: row.cost_usd,
    },
  }));
}

/** Oldest first. Open ones are those that somebody still waits for. */
export async function questionsOf(
  session: Session,
  filter: { open?: boolean; task?: TaskId } = {},
): Promise<QuestionRecord[]> {
  let query = session.db
    .selectFrom('questions')
    .selectAll()
    .where('project_id', '=', session.project)
    .orderBy('asked_at')
    .orderBy('task')
    .orderBy('ordinal');
  if (filter.task !== undefined) query = query.where('task', '=', filter.task);
  if (filter.open === true) query = query.where('state', '=', sql.lit('open' as const));
  if (filter.open === false) query = query.where('state', '!=', 'open');
  return (await rowsOf(session, query)).map((row) => ({
    task: row.task as TaskId,
    id: row.question_id,
    attempt: row.attempt,
    step: row.step,
    question: row.question,
    ...(row.options === null
      ? {}
      : {
          options: parseColumn(stringsColumn, row.options, {
            table: 'questions',
            key: `${row.task}/${row.ordinal}`,
          }),
        }),
    ...(row.kind === null ? {} : { kind: row.kind }),
    ...(row.approves === null
      ? {}
      : {
          approves: parseColumn(approvalSubject, row.approves, {
            table: 'questions',
            key: `${row.task}/${row.ordinal}`,
          }),
        }),
    askedAt: row.asked_at,
    stage: row.stage,
    state: row.state,
    answer: row.answer ?? undefined,
    answeredAt: row.answered_at ?? undefined,
    answeredBy: row.answered_by ?? undefined,
    ...(row.note === null ? {} : { note: row.note }),
    ...(row.told === null ? {} : { told: row.told }),
  }));
}

export async function processesOf({
  db,
  project,
}: Session): Promise<{ task: TaskId; owner: string | undefined; process: ProcessIdentity }[]> {
  const rows = await db
    .selectFrom('steps')
    .leftJoin('tasks', (join) =>
      join
        .onRef('tasks.id', '=', 'steps.task')
        .onRef('tasks.attempts', '=', 'steps.attempt')
        .on('tasks.project_id', '=', project),
    )
    .select(['steps.task', 'pid', 'pid_start', 'boot_id', 'tasks.owner'])
    .where('steps.project_id', '=', project)
    .where('steps.state', '=', sql.lit('running' as const))
    .orderBy('steps.task')
    .orderBy('steps.step')
    .execute();
  return rows.flatMap((row) => {
    const process = identityOf(row);
    if (process === undefined) return [];
    return [{ task: row.task as TaskId, owner: row.owner ?? undefined, process }];
  });
}

const readEvents = prepared((db, values: { after: number; limit: number }, { project }) =>
  db
    .selectFrom('events')
    .select(['seq', 'at', 'body'])
    .where('project_id', '=', project)
    .where('seq', '>', values.after)
    .orderBy('seq')
    .limit(values.limit),
);

export async function eventsOf(
  session: Session,
  after: number,
  filter: { limit?: number; task?: TaskId; types?: readonly EventType[] } = {},
): Promise<LoggedEvent[]> {
  const { limit = DEFAULT_EVENTS, task, types } = filter;
  if (task === undefined && types === undefined) {
    return (await readEvents.all(session, { after, limit })).map(asEvent);
  }
  let query = session.db
    .selectFrom('events')
    .select(['seq', 'at', 'body'])
    .where('project_id', '=', session.project)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit);
  if (task !== undefined) {
    const names = await namesOf(session, task);
    query = query.where((eb) =>
      eb.or(
        names.map(({ id, from, until }) =>
          eb.and([
            eb('task', '=', id),
            ...(from === 0 ? [] : [eb('seq', '>=', from)]),
            ...(until === undefined ? [] : [eb('seq', '<', until)]),
          ]),
        ),
      ),
    );
  }
  if (types !== undefined) query = query.where('type', 'in', types);
  return types?.length === 0 ? [] : (await query.execute()).map(asEvent);
}

function asEvent(row: { seq: number; at: number; body: string }): LoggedEvent {
  return {
    seq: row.seq,
    at: row.at,
    ...parseColumn(eventColumn, row.body, { table: 'events', key: row.seq }),
  };
}

function identityOf(row: {
  pid: number | null;
  pid_start: string | null;
  boot_id: string | null;
}): ProcessIdentity | undefined {
  if (row.pid === null || row.pid_start === null || row.boot_id === null) return undefined;
  return { pid: row.pid, startTime: row.pid_start, bootId: row.boot_id };
}
