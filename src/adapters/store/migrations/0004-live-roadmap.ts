import type { Kysely } from 'kysely';

/** What a plan that changes while it runs, and a log that can be checked, need. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // SHA-256 over the hash of the event before it and all of its own columns, hex.
  await db.schema
    .alterTable('events')
    .addColumn('hash', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  // Which fields of its definition were edited while it was at work, as a JSON list; null: none.
  await db.schema.alterTable('tasks').addColumn('stale', 'text').execute();
}
