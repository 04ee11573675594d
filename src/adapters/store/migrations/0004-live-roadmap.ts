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
