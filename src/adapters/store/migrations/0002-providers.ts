import { type Kysely, sql } from 'kysely';
import type { EngineKind } from '../engine.ts';

/** The breaker of each provider account, the retries to come, and what was spent when. */
export async function up(db: Kysely<unknown>, _kind: EngineKind): Promise<void> {
  // SQLite adds one column at a time.
  const counter = sql`bigint not null default 0`;
  await db.schema.alterTable('providers').addColumn('failures', counter).execute();
  await db.schema.alterTable('providers').addColumn('opens', counter).execute();
  await db.schema.alterTable('providers').addColumn('cause', 'text').execute();
  await db.schema.alterTable('providers').addColumn('trial', 'text').execute();
  await db.schema.alterTable('tasks').addColumn('next_role', 'text').execute();
  await db.schema
    .createTable('retries')
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('times', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('retries_key', ['project_id'])
    .execute();
  await db.schema
    .createTable('spending')
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('slot', 'bigint', (column) => column.notNull())
    .addColumn('cost_usd', 'double precision', (column) => column.notNull())
    .addPrimaryKeyConstraint('spending_key', ['project_id', 'slot'])
    .execute();
}
