import { sql } from 'kysely';
import type { TaskState } from '../../core/tasks/states.ts';
import { digestOfTexts } from './digest.ts';
import { byIndex, listed, prepared, sized } from './prepared.ts';
import type { Session } from './session.ts';

const MOST_IDS = 500;

/** What a sync has to know of every task: few columns, for most of them need no more. */
export interface StoredTask {
  readonly id: string;
  readonly digest: string;
  /** `leaving`: active, but it left the roadmap. */
  readonly state: TaskState | 'leaving';
}

/** A task that had another id before. */
export interface StoredName {
  readonly id: string;
  readonly was: string | null;
  readonly place: string | null;
}

export interface StoredGate {
  readonly id: string;
  readonly members: string;
  readonly pending: number;
}

export interface StoredPlan {
  readonly tasks: ReadonlyMap<string, StoredTask>;
  readonly names: ReadonlyMap<string, StoredName>;
  readonly gates: ReadonlyMap<string, StoredGate>;
  /** Their digests are to be written: they were stored before there were any. */
  readonly withoutDigest: ReadonlySet<string>;
}

const readTasks = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('tasks')
    .select(['id', 'digest'])
    .select((eb) =>
      eb
        .case()
        .when('leaving', '=', sql.lit(1))
        .then(sql.lit('leaving' as const))
        .else(eb.ref('state'))
        .end()
        .as('state'),
    )
    .where('project_id', '=', project),
);

const readNames = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('tasks')
    .select(['id', 'was', 'place'])
    .where('project_id', '=', project)
    // As in the index.
    .where(sql<boolean>`(place is not null or was is not null)`),
);

const readGates = prepared((db, _values: object, { project }) =>
  db.selectFrom('gates').select(['id', 'members', 'pending']).where('project_id', '=', project),
);

const readDetails = sized((size) =>
  prepared((db, values: Record<`id${number}`, string>, { project }) =>
    db
      .selectFrom('tasks')
      .select([
        'id',
        'definition',
        'needs',
        'position',
        'chain',
        'stale',
        'attempts',
        'archived_from',
        'pending_needs',
        'intent_commit',
      ])
      .where('project_id', '=', project)
      .where('id', 'in', listed(values, size)),
  ),
);

const readFinished = prepared((db, _values: object, { project }) =>
  db.selectFrom('tasks').select('id').where('project_id', '=', project).where('satisfied', '=', sql.lit(1)),
);

const readPending = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('tasks')
    .select(['id', 'pending_needs'])
    .where('project_id', '=', project)
    .where('pending_needs', '>', sql.lit(0)),
);

export async function readStored(session: Session): Promise<StoredPlan> {
  const tasks = new Map<string, StoredTask>();
  const withoutDigest = new Set<string>();
  for (const row of await readTasks.all(session, {})) {
    tasks.set(row.id, row);
    if (row.digest === '') withoutDigest.add(row.id);
  }
  if (withoutDigest.size > 0) {
    for (const row of (await detailsOf(session, [...withoutDigest])).values()) {
      tasks.set(row.id, { ...(tasks.get(row.id) as StoredTask), digest: digestOfTexts(row) });
    }
  }
  const [names, gates] = [await readNames.all(session, {}), await readGates.all(session, {})];
  return {
    tasks,
    names: new Map(names.map((name) => [name.id, name])),
    gates: new Map(gates.map((gate) => [gate.id, gate])),
    withoutDigest,
  };
}

export interface TaskDetails {
  readonly id: string;
  readonly definition: string;
  readonly needs: string;
  readonly position: number;
  readonly chain: number;
  readonly stale: string | null;
  readonly attempts: number;
  readonly archived_from: TaskState | null;
  readonly pending_needs: number;
  readonly intent_commit: string | null;
}

/** The rest of some tasks, by their ids in the store. */
export async function detailsOf(session: Session, ids: readonly string[]): Promise<Map<string, TaskDetails>> {
  const details = new Map<string, TaskDetails>();
  for (let from = 0; from < ids.length; from += MOST_IDS) {
    const chunk = ids.slice(from, from + MOST_IDS);
    for (const row of await readDetails(chunk.length).all(session, byIndex(chunk))) details.set(row.id, row);
  }
  return details;
}

/** Ids of the tasks that dependents count as finished. */
export async function finishedIn(session: Session): Promise<Set<string>> {
  return new Set<string>((await readFinished.all(session, {})).map(({ id }) => id));
}

/** How much each task waits for, as it is stored; those that wait for nothing are left out. */
export async function pendingIn(session: Session): Promise<Map<string, number>> {
  return new Map((await readPending.all(session, {})).map((row) => [row.id, row.pending_needs]));
}
