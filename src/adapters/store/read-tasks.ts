import { type Selectable, sql } from 'kysely';
import type { NodeId, ObjectId, TaskId } from '../../core/ids.ts';
import type { TaskField } from '../../core/roadmap/changed-fields.ts';
import type { TaskDefinition } from '../../core/roadmap/model.ts';
import type { Counts } from '../../core/tasks/ports.ts';
import { TASK_STATES, type TaskState } from '../../core/tasks/states.ts';
import type { MergeRecord, Pause, StaleField, Task } from '../../core/tasks/task.ts';
import { revisionOf } from './digest.ts';
import { definitionColumn, parseColumn, stringsColumn, textsColumn } from './json-column.ts';
import { byIndex, listed, prepared, rowsOf, sized } from './prepared.ts';
import type { Session } from './session.ts';
import type { TasksTable } from './tables.ts';

/** Ids of one query; the rest follows in further ones. */
const MOST_IDS = 500;
const MOST_PREDECESSORS = 20;

/** Those of a `Task`. Rows of all columns take twice as long to read, which shows with thousands of them. */
const COLUMNS = [
  ...(['id', 'definition', 'needs', 'position', 'chain', 'created_at', 'state', 'pending_needs'] as const),
  ...(['stale', 'digest', 'place', 'attempts', 'failures', 'bounces', 'fence', 'owner'] as const),
  ...(['lease_until', 'not_before', 'reason', 'summary', 'branch', 'worktree', 'base', 'head'] as const),
  ...(['merge_commit', 'merge_strategy', 'intent_branch', 'intent_expected', 'intent_commit'] as const),
  ...(['cost_usd', 'input_tokens', 'output_tokens', 'started_at', 'finished_at'] as const),
  ...(['paused_at', 'paused_by', 'paused_for'] as const),
] as const satisfies readonly (keyof TasksTable)[];

type TaskRow = Pick<Selectable<TasksTable>, (typeof COLUMNS)[number]>;

const readTask = prepared((db, values: { id: string }, { project }) =>
  db.selectFrom('tasks').select(COLUMNS).where('project_id', '=', project).where('id', '=', values.id),
);

export async function taskOf(session: Session, id: TaskId): Promise<Task | undefined> {
  const row = await readTask.first(session, { id });
  return row === undefined ? undefined : asTask(row);
}

export async function tasksOf(
  session: Session,
  filter: { states?: readonly TaskState[]; ids?: readonly TaskId[]; places?: readonly TaskId[] } = {},
): Promise<Task[]> {
  const { states, places } = filter;
  const ids = filter.ids ?? places;
  const rows: TaskRow[] = [];
  const chunks = ids === undefined ? [undefined] : chunksOf([...new Set(ids)], MOST_IDS);
  for (const chunk of chunks) {
    let query = session.db
      .selectFrom('tasks')
      .select(COLUMNS)
      .where('project_id', '=', session.project)
      .orderBy('position');
    if (chunk !== undefined && places === undefined) query = query.where('id', 'in', chunk);
    if (chunk !== undefined && places !== undefined) {
      query = query.where((eb) =>
        eb.or([eb('place', 'in', chunk), eb.and([eb('place', 'is', null), eb('id', 'in', chunk)])]),
      );
    }
    if (states !== undefined) query = query.where('state', 'in', states);
    else query = query.where('state', '!=', 'archived');
    if (states?.length !== 0 && chunk?.length !== 0) rows.push(...(await rowsOf(session, query)));
  }
  if (chunks.length > 1) rows.sort((a, b) => a.position - b.position);
  return rows.map(asTask);
}

const readNeeds = sized((size) =>
  prepared((db, values: Record<`id${number}`, string>, { project }) =>
    db
      .selectFrom('edges')
      .select('needs')
      .where('project_id', '=', project)
      .where('node', 'in', listed(values, size)),
  ),
);

const readDone = sized((size) =>
  prepared((db, values: Record<`id${number}`, string>, { project }) =>
    db
      .selectFrom('tasks')
      .select(['id', 'definition', 'summary', 'finished_at'])
      .where('project_id', '=', project)
      .where('id', 'in', listed(values, size))
      .where('state', '=', 'done')
      .orderBy('finished_at', 'desc')
      .orderBy('position', 'desc')
      // A literal: for a bound limit SQLite plans the query anew at every run.
      .limit(sql.lit(MOST_PREDECESSORS)),
  ),
);

/** Finished tasks that this one waited for directly or through a gate, newest first. */
export async function predecessorsOf(
  session: Session,
  id: TaskId,
): Promise<{ id: TaskId; title: string; summary: string }[]> {
  const needsOf = async (nodes: readonly string[]): Promise<string[]> => {
    const rows: { needs: string }[] = [];
    for (const chunk of chunksOf(nodes, MOST_IDS)) {
      rows.push(...(await readNeeds(chunk.length).all(session, byIndex(chunk))));
    }
    return rows.map((row) => row.needs);
  };
  // Step by step: as one query, SQLite walks all edges or all finished tasks rather than look up the few wanted.
  const needs = await needsOf([id]);
  const tasks = needs.filter((node) => !isGate(node));
  const before = [...new Set([...tasks, ...(await needsOf(needs.filter(isGate)))])];
  const rows: Pick<Selectable<TasksTable>, 'id' | 'definition' | 'summary' | 'finished_at'>[] = [];
  for (const chunk of chunksOf(before, MOST_IDS)) {
    rows.push(...(await readDone(chunk.length).all(session, byIndex(chunk))));
  }
  rows.sort((a, b) => (b.finished_at ?? 0) - (a.finished_at ?? 0));
  return rows.slice(0, MOST_PREDECESSORS).map((row) => ({
    id: row.id as TaskId,
    title: definitionOf(row).title,
    summary: row.summary ?? '',
  }));
}

const countByState = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('tasks')
    .select((eb) => ['state', eb.fn.countAll<number>().as('tasks')])
    .where('project_id', '=', project)
    .groupBy('state'),
);

const sumCost = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('tasks')
    .select((eb) => eb.fn.sum<number | null>('cost_usd').as('cost'))
    .where('project_id', '=', project)
    .where('cost_usd', '>', sql.lit(0)),
);

const countReady = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('tasks')
    .select((eb) => eb.fn.countAll<number>().as('tasks'))
    .where('project_id', '=', project)
    .where('state', '=', sql.lit('pending' as const))
    .where('pending_needs', '=', sql.lit(0))
    .where('paused_at', 'is', null),
);

const countPaused = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('tasks')
    .select((eb) => eb.fn.countAll<number>().as('tasks'))
    .where('project_id', '=', project)
    .where('paused_at', 'is not', null)
    .where('state', '=', 'pending'),
);

const readOneActive = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('tasks')
    .select('id')
    .where('project_id', '=', project)
    .where('owner', 'is not', null)
    .limit(sql.lit(1)),
);

export async function isAnyActive(session: Session): Promise<boolean> {
  return (await readOneActive.first(session, {})) !== undefined;
}

/** Archived tasks are counted by their state only: they are no part of the total, but their cost was spent. */
export async function countsOf(session: Session): Promise<Counts> {
  const byState = Object.fromEntries(TASK_STATES.map((state) => [state, 0])) as Record<TaskState, number>;
  let total = 0;
  for (const row of await countByState.all(session, {})) {
    byState[row.state] = Number(row.tasks);
    if (row.state !== 'archived') total += Number(row.tasks);
  }
  const ready = Number((await countReady.first(session, {}))?.tasks ?? 0);
  const paused = Number((await countPaused.first(session, {}))?.tasks ?? 0);
  const costUsd = Number((await sumCost.first(session, {}))?.cost ?? 0);
  return { byState, ready, paused, total, costUsd };
}

/** What waits for its merge and what was merged, oldest first; with `limit` the newest of them. */
export async function mergesOf(session: Session, { limit }: { limit?: number } = {}): Promise<MergeRecord[]> {
  let query = session.db
    .selectFrom('tasks')
    .select([
      'id',
      'definition',
      'merge_state',
      'merge_at',
      'head',
      'merge_commit',
      'merge_strategy',
      'bounces',
    ])
    .where('project_id', '=', session.project)
    .where('merge_state', 'is not', null)
    .orderBy('merge_at', limit === undefined ? 'asc' : 'desc')
    .orderBy('position', limit === undefined ? 'asc' : 'desc');
  if (limit !== undefined) query = query.limit(limit);
  const rows = await query.execute();
  return (limit === undefined ? rows : rows.reverse()).flatMap((row) =>
    row.merge_state === null
      ? []
      : {
          task: row.id as TaskId,
          title: definitionOf(row).title,
          state: row.merge_state,
          head: (row.head ?? undefined) as ObjectId | undefined,
          commit: (row.merge_commit ?? undefined) as ObjectId | undefined,
          strategy: row.merge_strategy ?? undefined,
          bounces: row.bounces,
          at: row.merge_at ?? 0,
        },
  );
}

export function asTask(row: TaskRow): Task {
  const commit = (id: string | null) => (id ?? undefined) as ObjectId | undefined;
  const { intent_branch: branch, intent_expected: expected, intent_commit: intended } = row;
  return {
    id: row.id as TaskId,
    definition: definitionOf(row),
    state: row.state,
    order: row.position,
    chain: row.chain,
    needs: parseColumn(stringsColumn, row.needs, { table: 'tasks', key: row.id }) as NodeId[],
    pendingNeeds: row.pending_needs,
    attempts: row.attempts,
    failures: row.failures,
    bounces: row.bounces,
    fence: row.fence,
    owner: row.owner ?? undefined,
    leaseUntil: row.lease_until ?? undefined,
    notBefore: row.not_before ?? undefined,
    paused: pausedOf(row),
    reason: row.reason ?? undefined,
    summary: row.summary ?? undefined,
    branch: row.branch ?? undefined,
    worktree: row.worktree ?? undefined,
    base: commit(row.base),
    head: commit(row.head),
    mergeCommit: commit(row.merge_commit),
    mergeStrategy: row.merge_strategy ?? undefined,
    intent:
      branch === null || expected === null || intended === null
        ? undefined
        : { branch, expected: expected as ObjectId, commit: intended as ObjectId },
    costUsd: row.cost_usd,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    createdAt: row.created_at,
    startedAt: row.started_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    stale: staleOf(row),
    place: (row.place ?? row.id) as TaskId,
    revision: revisionOf(row.digest),
  };
}

function pausedOf(
  row: Pick<Selectable<TasksTable>, 'paused_at' | 'paused_by' | 'paused_for'>,
): Pause | undefined {
  if (row.paused_at === null) return undefined;
  return { at: row.paused_at, by: row.paused_by ?? '', reason: row.paused_for ?? '' };
}

function definitionOf({ id, definition }: { id: string; definition: string }): TaskDefinition {
  return parseColumn(definitionColumn, definition, { table: 'tasks', key: id });
}

function staleOf({ id, stale }: { id: string; stale: string | null }): StaleField[] {
  if (stale === null) return [];
  const known = parseColumn(textsColumn, stale, { table: 'tasks', key: id });
  return Object.entries(known).map(([field, before]) => ({ field: field as TaskField, before }));
}

function isGate(node: string): boolean {
  return node.startsWith('gate:');
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < items.length; from += size) chunks.push(items.slice(from, from + size));
  return chunks;
}
