import { type Kysely, sql } from 'kysely';
import { eventHash, GENESIS } from '../chain.ts';
import type { Tables } from '../tables.ts';

/** Rows that are chained at a time. */
const BATCH = 500;

/** What a plan that changes while it runs, and a log that can be checked, need. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // SHA-256 over the hash of the event before it and all of its own columns, hex.
  await db.schema
    .alterTable('events')
    .addColumn('hash', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  await chainEvents(db as Kysely<Tables>);
  // Which fields of its definition were edited while it was at work, as a JSON list; null: none.
  await db.schema.alterTable('tasks').addColumn('stale', 'text').execute();
  // Attempts that it was working on at its last heartbeat.
  await db.schema
    .alterTable('orchestrators')
    .addColumn('agent_count', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  // Who asked it to finish its turns and end.
  await db.schema.alterTable('orchestrators').addColumn('stop_by', 'text').execute();
  // A digest of its definition and one of its needs, so that a sync reads only what differs; empty: not made yet.
  await db.schema
    .alterTable('tasks')
    .addColumn('digest', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  // The ids that it had before, as the last sync read them, as a JSON list; null: none.
  await db.schema.alterTable('tasks').addColumn('was', 'text').execute();
  // The id that its branch, worktree and logs are named by; null: its own.
  await db.schema.alterTable('tasks').addColumn('place', 'text').execute();
  await db.schema
    .createIndex('tasks_by_place')
    .on('tasks')
    .columns(['project_id', 'place'])
    .where(sql<boolean>`(place is not null or was is not null)`)
    .execute();
}

/** The events that are there already get the hashes that they would have been written with. */
async function chainEvents(db: Kysely<Tables>): Promise<void> {
  const projects = await db.selectFrom('stream').select('project_id').execute();
  for (const { project_id: project } of projects) {
    let [last, previous] = [0, GENESIS];
    for (;;) {
      const rows = await db
        .selectFrom('events')
        .select(['seq', 'at', 'type', 'task', 'body'])
        .where('project_id', '=', project)
        .where('seq', '>', last)
        .orderBy('seq')
        .limit(BATCH)
        .execute();
      if (rows.length === 0) break;
      const hashes = rows.map((row) => {
        previous = eventHash(previous, row);
        return sql`(cast(${row.seq} as bigint), ${previous})`;
      });
      await sql`
        with made (seq, hash) as (values ${sql.join(hashes)})
        update events set hash = made.hash from made
        where events.project_id = ${project} and events.seq = made.seq
      `.execute(db);
      last = rows.at(-1)?.seq ?? last;
    }
  }
}
