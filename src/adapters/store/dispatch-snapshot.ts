import { sql } from 'kysely';
import type { ActiveTask, ReadyTask } from '../../core/dispatch/decide.ts';
import type { TaskId } from '../../core/ids.ts';
import type { DispatchSnapshot } from '../../core/tasks/ports.ts';
import { accountsOf } from './accounts.ts';
import type { DispatchRows } from './ahead.ts';
import { PAUSE_KEY } from './pauses.ts';
import { listened, prepared, sized } from './prepared.ts';
import type { Session } from './session.ts';

/** Mostly the first few ready tasks are what is claimed; further pages are for those that locks hold up. */
const PAGE_PER_SLOT = 4;
const LARGEST_PAGE = 4_096;

// The literals are those of the index `tasks_ready`; SQLite uses a partial index only then. The limit is one too:
// for a bound one SQLite plans the query anew at every run, which takes longer than the query.
const readReady = sized((limit) =>
  prepared((db, values: { offset: number }, { project, now }) =>
    db
      .selectFrom('tasks')
      .select([
        'id',
        'priority',
        'chain',
        'position',
        'files',
        'not_before',
        'agent',
        'workflow',
        'next_role',
        'fence',
        'attempts',
        now.as('now'),
      ])
      .where('project_id', '=', project)
      .where('state', '=', sql.lit('pending' as const))
      .where('pending_needs', '=', sql.lit(0))
      .where('paused_at', 'is', null)
      // Of a paused project nothing is ready; looked up once for all rows.
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('meta')
              .select(sql.lit(1).as('one'))
              .where('meta.project_id', '=', project)
              .where('meta.key', '=', sql.lit(PAUSE_KEY)),
          ),
        ),
      )
      .orderBy('priority', 'desc')
      .orderBy('chain', 'desc')
      .orderBy('position')
      .limit(sql.lit(limit))
      .offset(values.offset),
  ),
);

const readActive = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('tasks')
    .select(['id', 'files'])
    .where('project_id', '=', project)
    .where('owner', 'is not', null),
);

const countApprovals = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('questions')
    .select((eb) => eb.fn.count<number>('task').distinct().as('tasks'))
    .where('project_id', '=', project)
    .where('state', '=', sql.lit('open' as const))
    .where('kind', '=', sql.lit('approval' as const)),
);

/** How many tasks wait for an approval. */
export async function approvalsWaiting(session: Session): Promise<number> {
  return Number((await countApprovals.first(session, {}))?.tasks ?? 0);
}

/** A ready task as the first look at it finds it. */
export interface ReadyRow {
  readonly id: string;
  readonly priority: number;
  readonly chain: number;
  readonly position: number;
  readonly files: string;
  readonly not_before: number | null;
  readonly agent: string | null;
  readonly workflow: string | null;
  readonly next_role: string | null;
  readonly fence: number;
  readonly attempts: number;
  readonly now: number;
}

/** How many ready tasks are looked at first. */
export function pageSize(freeSlots: number): number {
  return PAGE_PER_SLOT * freeSlots;
}

/** Asks for what the first snapshot of a claim is made of. */
export function askForDispatch(session: Session, freeSlots: number): DispatchRows {
  const size = pageSize(freeSlots);
  return {
    size,
    ready: listened(readReady(size).all(session, { offset: 0 })),
    active: listened(activeOf(session)),
    accounts: listened(standingsOf(session)),
  };
}

/**
 * Pages of ready tasks, each with all that is active. What was `chosen` from earlier pages counts as active and
 * takes its slots. Ends when the slots are full or nothing more is ready. `seen` gets every row. `asked`: what was
 * asked for already.
 */
export async function* dispatchSnapshots(
  session: Session,
  options: {
    freeSlots: number;
    chosen: readonly TaskId[];
    seen: Map<TaskId, ReadyRow>;
    asked: DispatchRows | undefined;
  },
): AsyncGenerator<DispatchSnapshot> {
  const { freeSlots, chosen, seen } = options;
  let size = pageSize(freeSlots);
  let offset = 0;
  // A server is asked for all of it at once; where asking costs nothing, only for what is needed.
  let { asked } = options;
  if (session.wire !== undefined) asked ??= askForDispatch(session, freeSlots);
  let others: readonly ActiveTask[] | undefined;
  let accounts: DispatchSnapshot['accounts'] | undefined;
  if (asked !== undefined) [others, accounts] = await Promise.all([asked.active, asked.accounts]);
  while (chosen.length < freeSlots) {
    const rows =
      offset === 0 && asked !== undefined
        ? await asked.ready
        : ((await readReady(size).all(session, { offset })) as readonly ReadyRow[]);
    if (rows.length === 0) return;
    for (const row of rows) seen.set(row.id as TaskId, row);
    others ??= await activeOf(session);
    accounts ??= await standingsOf(session);
    yield {
      now: rows[0]?.now ?? 0,
      ready: rows.map(readyTask),
      active: [...others, ...chosen.map((id) => ({ id, files: filesOf(seen.get(id)?.files ?? '[]') }))],
      freeSlots: freeSlots - chosen.length,
      accounts,
    };
    if (rows.length < size) return;
    offset += size;
    size = Math.min(size * 2, LARGEST_PAGE);
  }
}

function readyTask(row: ReadyRow): ReadyTask {
  return {
    id: row.id as TaskId,
    priority: row.priority,
    chain: row.chain,
    order: row.position,
    files: filesOf(row.files),
    notBefore: row.not_before ?? undefined,
    agent: row.agent ?? undefined,
    workflow: row.workflow ?? undefined,
    role: row.next_role ?? undefined,
    begun: row.attempts > 0,
  };
}

async function activeOf(session: Session): Promise<readonly ActiveTask[]> {
  const rows = await readActive.all(session, {});
  return rows.map((row) => ({ id: row.id as TaskId, files: filesOf(row.files) }));
}

async function standingsOf(session: Session): Promise<DispatchSnapshot['accounts']> {
  const known = await accountsOf(session);
  return Object.fromEntries(known.map((standing) => [standing.account, standing]));
}

/** Most tasks name no files: no parsing then. */
function filesOf(json: string): readonly string[] {
  return json === '[]' ? [] : (JSON.parse(json) as string[]);
}
