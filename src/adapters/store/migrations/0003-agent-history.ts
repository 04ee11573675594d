import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import type { EngineKind } from '../engine.ts';

const TEXTS = ['account', 'model', 'sandbox', 'ended', 'answer', 'prompt', 'entries'];
const TIMES = ['used_at', 'began_at', 'ended_at'];
const COUNTS = ['input_tokens', 'output_tokens', 'cached_tokens', 'unpriced_tokens', 'left_out'];

/** Every turn of an agent with what was said in it, and what it used. */
export async function up(db: Kysely<unknown>, kind: EngineKind): Promise<void> {
  // The long texts stand last: SQLite need not read past them for the rest of a row.
  for (const column of [...COUNTS, ...TIMES, ...TEXTS]) {
    await db.schema
      .alterTable('steps')
      .addColumn(column, TEXTS.includes(column) ? 'text' : 'bigint', (definition) =>
        COUNTS.includes(column) ? definition.notNull().defaultTo(0) : definition,
      )
      .execute();
  }
  await db.schema
    .createIndex('steps_with_usage')
    .on('steps')
    .columns(['project_id', 'used_at'])
    .where(sql.ref('used_at'), 'is not', null)
    .execute();

  const parts = db.schema
    .createTable('turn_parts')
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('task', 'text', (column) => column.notNull())
    .addColumn('step', 'bigint', (column) => column.notNull())
    .addColumn('first', 'bigint', (column) => column.notNull())
    .addColumn('entries', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('turn_parts_key', ['project_id', 'task', 'step', 'first']) as Table;
  // Rows found by their key alone lie in the key's own tree, which saves SQLite a second look-up.
  await (kind === 'sqlite' ? parts.modifyEnd(sql`without rowid`) : parts).execute();

  await db.schema
    .createIndex('tasks_begun')
    .on('tasks')
    .columns(['project_id', 'position'])
    .where(sql<boolean>`state = 'pending' and attempts > 0`)
    .execute();
}

type Table = CreateTableBuilder<string, string>;
