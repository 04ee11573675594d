import { type Kysely, sql } from 'kysely';

/** What a person's pause of a task needs. That of a project is a row of `meta`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Since when, by whom and why it is paused; null: it is not.
  await db.schema.alterTable('tasks').addColumn('paused_at', 'bigint').execute();
  await db.schema.alterTable('tasks').addColumn('paused_by', 'text').execute();
  await db.schema.alterTable('tasks').addColumn('paused_for', 'text').execute();
  // A paused task is not in the index that claims read, so that it costs them nothing.
  await db.schema.dropIndex('tasks_ready').execute();
  await db.schema
    .createIndex('tasks_ready')
    .on('tasks')
    .columns(['project_id', 'state', 'pending_needs', 'priority desc', 'chain desc', 'position'])
    .where(sql<boolean>`state = 'pending' and pending_needs = 0 and paused_at is null`)
    .execute();
  await db.schema
    .createIndex('tasks_paused')
    .on('tasks')
    .columns(['project_id', 'position'])
    .where(sql<boolean>`paused_at is not null`)
    .execute();
}
