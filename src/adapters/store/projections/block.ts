import type { Kysely } from 'kysely';
import type { NewEvent } from '../../../core/events/event.ts';
import type { TaskId } from '../../../core/ids.ts';
import { byKeyFirst, prepared } from '../prepared.ts';
import type { Write } from '../session.ts';
import type { Tables } from '../tables.ts';

/**
 * Nodes that wait, directly or not, for what `from` selects. The walk goes through gates and through tasks that
 * have not started and that nobody counts as finished: behind any other task nobody waits for `from`.
 */
function waitingFor(db: Kysely<Tables>, project: string, from: 'task' | 'blockers', id: string) {
  return db.withRecursive('down(id)', (qc) =>
    qc
      .selectFrom('tasks')
      .select('tasks.id as id')
      .where('project_id', '=', project)
      .$if(from === 'task', (qb) => qb.where('tasks.id', '=', id))
      .$if(from === 'blockers', (qb) =>
        qb.where('state', 'in', ['failed', 'cancelled']).where('satisfied', '=', 0),
      )
      .union(
        qc
          .selectFrom('down')
          // A cross join keeps its order in SQLite, which would otherwise walk all edges at each step.
          .crossJoin('edges')
          .leftJoin('tasks as next', (join) =>
            join.onRef('next.id', '=', 'edges.node').on('next.project_id', '=', project),
          )
          .leftJoin('tasks as here', (join) =>
            join.onRef('here.id', '=', 'down.id').on('here.project_id', '=', project),
          )
          .where((eb) =>
            eb.and([
              eb('edges.project_id', '=', project),
              eb('edges.needs', '=', eb.ref('down.id')),
              eb.or([eb('next.state', 'is', null), eb('next.state', 'in', ['pending', 'blocked'])]),
              eb.or([eb('here.satisfied', 'is', null), eb('here.satisfied', '=', 0)]),
            ]),
          )
          .select('edges.node as id'),
      ),
  );
}

const blockBehind = prepared((db, values: { id: string; reason: string }, { project }) =>
  waitingFor(db, project, 'task', values.id)
    .updateTable('tasks')
    .set({ state: 'blocked', reason: values.reason })
    .where('project_id', '=', project)
    .where(byKeyFirst('state'), '=', 'pending')
    .where('id', '!=', values.id)
    .where('id', 'in', (eb) => eb.selectFrom('down').select('down.id'))
    .returning(['id', 'position']),
);

const unblockFree = prepared((db, _values: object, { project }) =>
  waitingFor(db, project, 'blockers', '')
    .updateTable('tasks')
    .set({ state: 'pending', reason: null })
    .where('project_id', '=', project)
    .where('state', '=', 'blocked')
    .where('id', 'not in', (eb) => eb.selectFrom('down').select('down.id'))
    .returning(['id', 'position']),
);

const pendingBehindBlockers = prepared((db, _values: object, { project }) =>
  waitingFor(db, project, 'blockers', '')
    .selectFrom('tasks')
    .select(['id'])
    .where('project_id', '=', project)
    .where(byKeyFirst('state'), '=', 'pending')
    .where('id', 'in', (eb) => eb.selectFrom('down').select('down.id'))
    .orderBy('position')
    .limit(1),
);

const readBlocker = prepared((db, values: { id: string }, { project }) =>
  db
    .withRecursive('up(id)', (qc) =>
      qc
        .selectFrom('edges')
        .select('edges.needs as id')
        .where('project_id', '=', project)
        .where('node', '=', values.id)
        .union(
          qc
            .selectFrom('up')
            .crossJoin('edges')
            .leftJoin('tasks as here', (join) =>
              join.onRef('here.id', '=', 'up.id').on('here.project_id', '=', project),
            )
            .where('edges.project_id', '=', project)
            .whereRef('edges.node', '=', 'up.id')
            .where((eb) =>
              eb.or([
                eb('here.state', 'is', null),
                eb.and([eb('here.state', 'in', ['pending', 'blocked']), eb('here.satisfied', '=', 0)]),
              ]),
            )
            .select('edges.needs as id'),
        ),
    )
    .selectFrom('up')
    .crossJoin('tasks')
    .select(['tasks.id', 'tasks.state'])
    .where('tasks.project_id', '=', project)
    .whereRef('tasks.id', '=', 'up.id')
    .where('tasks.state', 'in', ['failed', 'cancelled'])
    .where('tasks.satisfied', '=', 0)
    .orderBy('tasks.position')
    .limit(1),
);

/** Blocks every task that waits for one that failed or was cancelled. Returns one fact for each. */
export async function blockDependents(tx: Write, by: TaskId, state: string): Promise<NewEvent[]> {
  tx.ahead.forget();
  const blocked = await blockBehind.all(tx, { id: by, reason: reasonOf(by, state) });
  return inOrder(blocked).map((task) => ({ type: 'task.blocked', task, by }));
}

/** Lets go of every blocked task that no longer waits for a failed or cancelled one. Returns one fact for each. */
export async function unblockFreed(tx: Write): Promise<NewEvent[]> {
  return inOrder(await unblockFree.all(tx, {})).map((task) => ({ type: 'task.unblocked', task }));
}

/** The first failed or cancelled task that this one waits for, directly or not. */
export async function blockerOf(tx: Write, id: TaskId): Promise<{ id: TaskId; state: string } | undefined> {
  const blocker = await readBlocker.first(tx, { id });
  return blocker === undefined ? undefined : { id: blocker.id as TaskId, state: blocker.state };
}

/** A pending task that waits in vain: there are some only after needs were edited. */
export async function waitingInVain(tx: Write): Promise<TaskId | undefined> {
  return (await pendingBehindBlockers.first(tx, {}))?.id as TaskId | undefined;
}

function reasonOf(by: string, state: string): string {
  return `waits for ${by}, which ${state === 'cancelled' ? 'was cancelled' : 'failed'}`;
}

function inOrder(rows: { id: string; position: number }[]): TaskId[] {
  return rows.toSorted((a, b) => a.position - b.position).map(({ id }) => id as TaskId);
}
