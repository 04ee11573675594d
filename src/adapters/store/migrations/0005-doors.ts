import { type Kysely, sql } from 'kysely';

/** What people and agents need to reach one running Codewalk: questions that climb, and messages. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // `approval`: a person is asked to let the work go on; null: a question of an agent.
  await db.schema.alterTable('questions').addColumn('kind', 'text').execute();
  // What an approval is about, as JSON.
  await db.schema.alterTable('questions').addColumn('approves', 'text').execute();
  // Who is to answer it: `orchestrator` or `person`.
  await db.schema
    .alterTable('questions')
    .addColumn('stage', 'text', (column) => column.notNull().defaultTo('person'))
    .execute();
  // Why the orchestrator's agent left it to a person, or why it was withdrawn.
  await db.schema.alterTable('questions').addColumn('note', 'text').execute();
  // The step whose agent was told what became of it; null: nobody was told yet.
  await db.schema.alterTable('questions').addColumn('told', 'bigint').execute();
  await sql`
    update questions set told = step where state <> 'open' and exists (
      select 1 from steps where steps.project_id = questions.project_id and steps.task = questions.task
        and steps.attempt > questions.attempt and steps.state = 'finished'
    )
  `.execute(db);
  await db.schema
    .createTable('messages')
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    // Orders them: the number of the event that sent it.
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('sender', 'text', (column) => column.notNull())
    .addColumn('recipient', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('reply_to', 'text')
    .addColumn('file', 'text')
    .addColumn('line', 'bigint')
    .addColumn('sent_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('messages_key', ['project_id', 'id'])
    .execute();
  await db.schema
    .createIndex('messages_by_recipient')
    .on('messages')
    .columns(['project_id', 'recipient', 'seq'])
    .execute();
  // One row for each that has read it: what is sent to everyone has many readers.
  await db.schema
    .createTable('message_reads')
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('reader', 'text', (column) => column.notNull())
    .addColumn('read_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('message_reads_key', ['project_id', 'message', 'reader'])
    .execute();
  // What planning tasks proposed.
  await db.schema
    .createTable('plans')
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('goal', 'text', (column) => column.notNull())
    .addColumn('issues', 'text', (column) => column.notNull())
    .addColumn('replaces', 'text')
    .addColumn('proposal', 'text', (column) => column.notNull())
    .addColumn('notes', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('edited', 'text')
    .addColumn('added', 'text', (column) => column.notNull())
    .addColumn('proposed_at', 'bigint', (column) => column.notNull())
    .addColumn('settled_at', 'bigint')
    .addColumn('settled_by', 'text')
    .addPrimaryKeyConstraint('plans_key', ['project_id', 'id'])
    .execute();
}
