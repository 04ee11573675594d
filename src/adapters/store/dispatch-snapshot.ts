import { sql } from 'kysely';
import type { ActiveTask, ReadyTask } from '../../core/dispatch/decide.ts';
import type { TaskId } from '../../core/ids.ts';
import type { DispatchSnapshot } from '../../core/tasks/ports.ts';
import { accountsOf } from './accounts.ts';
import { prepared, sized } from './prepared.ts';
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
        now.as('now'),
      ])
      .where('project_id', '=', project)
      .where('state', '=', sql.lit('pending' as const))
      .where('pending_needs', '=', sql.lit(0))
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

/**
 * Pages of ready tasks, each with all that is active. What was `chosen` from earlier pages counts as active and
 * takes its slots. Ends when the slots are full or nothing more is ready.
 */
export async function* dispatchSnapshots(
  session: Session,
  freeSlots: number,
  chosen: readonly TaskId[],
): AsyncGenerator<DispatchSnapshot> {
  let size = PAGE_PER_SLOT * freeSlots;
  let offset = 0;
  const files = new Map<TaskId, readonly string[]>();
  let others: readonly ActiveTask[] | undefined;
  let accounts: DispatchSnapshot['accounts'] | undefined;
  while (chosen.length < freeSlots) {
    const rows = await readReady(size).all(session, { offset });
    if (rows.length === 0) return;
    const ready = rows.map(
      (row): ReadyTask => ({
        id: row.id as TaskId,
        priority: row.priority,
        chain: row.chain,
        order: row.position,
        files: filesOf(row.files),
        notBefore: row.not_before ?? undefined,
        agent: row.agent ?? undefined,
        workflow: row.workflow ?? undefined,
        role: row.next_role ?? undefined,
      }),
    );
    for (const task of ready) files.set(task.id, task.files);
    others ??= (await readActive.all(session, {})).map((row) => ({
      id: row.id as TaskId,
      files: filesOf(row.files),
    }));
    accounts ??= Object.fromEntries(
      (await accountsOf(session)).map((standing) => [standing.account, standing]),
    );
    yield {
      now: rows[0]?.now ?? 0,
      ready,
      active: [...others, ...chosen.map((id) => ({ id, files: files.get(id) ?? [] }))],
      freeSlots: freeSlots - chosen.length,
      accounts,
    };
    if (rows.length < size) return;
    offset += size;
    size = Math.min(size * 2, LARGEST_PAGE);
  }
}

/** Most tasks name no files: no parsing then. */
function filesOf(json: string): readonly string[] {
  return json === '[]' ? [] : (JSON.parse(json) as string[]);
}
