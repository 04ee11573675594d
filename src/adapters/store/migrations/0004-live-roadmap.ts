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
  // Attempts that it was working on at its last heartbeat.
  await db.schema
    .alterTable('orchestrators')
    .addColumn('agent_count', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  // Who asked it to finish its turns and end.
  await db.schema.alterTable('orchestrators').addColumn('stop_by', 'text').execute();
}
