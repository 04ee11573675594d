import { type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely, sql } from 'kysely';
import type { EngineKind } from '../engine.ts';

type Table = CreateTableBuilder<string, string>;

const required = (column: ColumnDefinitionBuilder) => column.notNull();
const counter = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(0);

/** Every table of the first release. */
export async function up(db: Kysely<unknown>, kind: EngineKind): Promise<void> {
  // Rows found by their key alone lie in the key's own tree, which saves SQLite a second look-up.
  const keyed = (table: Table) => (kind === 'sqlite' ? table.modifyEnd(sql`without rowid`) : table);
  const create = (name: string) =>
    db.schema.createTable(name).addColumn('project_id', 'text', required) as Table;

  await keyed(
    create('meta')
      .addColumn('key', 'text', required)
      .addColumn('value', 'text', required)
      .addPrimaryKeyConstraint('meta_key', ['project_id', 'key']),
  ).execute();

  await create('stream')
    .addColumn('head', 'bigint', counter)
    .addPrimaryKeyConstraint('stream_key', ['project_id'])
    .execute();

  await keyed(
    create('events')
      .addColumn('seq', 'bigint', required)
      .addColumn('at', 'bigint', required)
      .addColumn('type', 'text', required)
      .addColumn('task', 'text')
      .addColumn('body', 'text', required)
      .addPrimaryKeyConstraint('events_key', ['project_id', 'seq']),
  ).execute();
  await db.schema
    .createIndex('events_of_task')
    .on('events')
    .columns(['project_id', 'task', 'seq'])
    .where(sql.ref('task'), 'is not', null)
    .execute();

  await tasks(create('tasks')).execute();
  await db.schema
    .createIndex('tasks_ready')
    .on('tasks')
    // State and count are constant in it: without them SQLite would rather use `tasks_by_state`, and sort.
    .columns(['project_id', 'state', 'pending_needs', 'priority desc', 'chain desc', 'position'])
    .where(sql<boolean>`state = 'pending' and pending_needs = 0`)
    .execute();
  await db.schema
    .createIndex('tasks_active')
    .on('tasks')
    .columns(['project_id', 'owner'])
    .where(sql.ref('owner'), 'is not', null)
    .execute();
  await db.schema
    .createIndex('tasks_by_state')
    .on('tasks')
    .columns(['project_id', 'state', 'position'])
    .execute();
  await db.schema
    .createIndex('tasks_with_cost')
    .on('tasks')
    .columns(['project_id', 'cost_usd'])
    .where(sql<boolean>`cost_usd > 0`)
    .execute();
  await db.schema
    .createIndex('tasks_merging')
    .on('tasks')
    .columns(['project_id', 'merge_at'])
    .where(sql.ref('merge_state'), 'is not', null)
    .execute();

  await keyed(
    create('gates')
      .addColumn('id', 'text', required)
      .addColumn('members', 'text', required)
      .addColumn('pending', 'bigint', required)
      .addPrimaryKeyConstraint('gates_key', ['project_id', 'id']),
  ).execute();
  await keyed(
    create('edges')
      .addColumn('node', 'text', required)
      .addColumn('needs', 'text', required)
      .addPrimaryKeyConstraint('edges_key', ['project_id', 'needs', 'node']),
  ).execute();
  await db.schema.createIndex('edges_of_node').on('edges').columns(['project_id', 'node', 'needs']).execute();

  await steps(create('steps')).execute();
  await db.schema
    .createIndex('steps_running')
    .on('steps')
    .columns(['project_id', 'task'])
    .where(sql<boolean>`state = 'running'`)
    .execute();

  await keyed(
    create('sessions')
      .addColumn('task', 'text', required)
      .addColumn('agent', 'text', required)
      .addColumn('provider', 'text', required)
      .addColumn('session', 'text', required)
      .addColumn('input_tokens', 'bigint', required)
      .addColumn('output_tokens', 'bigint', required)
      .addColumn('cached_tokens', 'bigint', required)
      .addColumn('cost_usd', 'double precision', required)
      .addPrimaryKeyConstraint('sessions_key', ['project_id', 'task', 'agent']),
  ).execute();

  await questions(create('questions')).execute();
  await db.schema
    .createIndex('questions_open')
    .on('questions')
    .columns(['project_id', 'asked_at'])
    .where(sql<boolean>`state = 'open'`)
    .execute();

  await create('orchestrators')
    .addColumn('id', 'text', required)
    .addColumn('host', 'text', required)
    .addColumn('pid', 'bigint', required)
    .addColumn('pid_start', 'text', required)
    .addColumn('boot_id', 'text', required)
    .addColumn('version', 'text', required)
    .addColumn('max_agents', 'bigint', required)
    .addColumn('started_at', 'bigint', required)
    .addColumn('last_heartbeat', 'bigint', required)
    .addColumn('lease_until', 'bigint', required)
    .addColumn('lost', 'bigint', counter)
    .addPrimaryKeyConstraint('orchestrators_key', ['project_id', 'id'])
    .execute();

  await create('leases')
    .addColumn('name', 'text', required)
    .addColumn('owner', 'text')
    .addColumn('fence', 'bigint', required)
    .addColumn('until', 'bigint', required)
    .addPrimaryKeyConstraint('leases_key', ['project_id', 'name'])
    .execute();

  await create('providers')
    .addColumn('name', 'text', required)
    .addColumn('parked_until', 'bigint', required)
    .addColumn('reason', 'text', required)
    .addPrimaryKeyConstraint('providers_key', ['project_id', 'name'])
    .execute();
}

function tasks(table: Table) {
  return table
    .addColumn('id', 'text', required)
    .addColumn('definition', 'text', required)
    .addColumn('needs', 'text', required)
    .addColumn('position', 'bigint', required)
    .addColumn('chain', 'bigint', required)
    .addColumn('priority', 'double precision', required)
    .addColumn('files', 'text', required)
    .addColumn('agent', 'text')
    .addColumn('workflow', 'text')
    .addColumn('created_at', 'bigint', required)
    .addColumn('state', 'text', (column) => column.notNull().defaultTo('pending'))
    .addColumn('pending_needs', 'bigint', counter)
    .addColumn('satisfied', 'bigint', counter)
    .addColumn('leaving', 'bigint', counter)
    .addColumn('archived_from', 'text')
    .addColumn('attempts', 'bigint', counter)
    .addColumn('failures', 'bigint', counter)
    .addColumn('bounces', 'bigint', counter)
    .addColumn('fence', 'bigint', counter)
    .addColumn('owner', 'text')
    .addColumn('lease_until', 'bigint')
    .addColumn('not_before', 'bigint')
    .addColumn('reason', 'text')
    .addColumn('summary', 'text')
    .addColumn('branch', 'text')
    .addColumn('worktree', 'text')
    .addColumn('base', 'text')
    .addColumn('head', 'text')
    .addColumn('merge_state', 'text')
    .addColumn('merge_at', 'bigint')
    .addColumn('merge_commit', 'text')
    .addColumn('merge_strategy', 'text')
    .addColumn('intent_branch', 'text')
    .addColumn('intent_expected', 'text')
    .addColumn('intent_commit', 'text')
    .addColumn('cost_usd', 'double precision', counter)
    .addColumn('input_tokens', 'bigint', counter)
    .addColumn('output_tokens', 'bigint', counter)
    .addColumn('started_at', 'bigint')
    .addColumn('finished_at', 'bigint')
    .addPrimaryKeyConstraint('tasks_key', ['project_id', 'id']);
}

function steps(table: Table) {
  return table
    .addColumn('task', 'text', required)
    .addColumn('step', 'bigint', required)
    .addColumn('attempt', 'bigint', required)
    .addColumn('step_index', 'bigint', required)
    .addColumn('agent', 'text', required)
    .addColumn('round', 'bigint', required)
    .addColumn('kind', 'text', required)
    .addColumn('provider', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('outcome', 'text')
    .addColumn('verdict', 'text')
    .addColumn('summary', 'text')
    .addColumn('session', 'text')
    .addColumn('pid', 'bigint')
    .addColumn('pid_start', 'text')
    .addColumn('boot_id', 'text')
    .addColumn('cost_usd', 'double precision', counter)
    .addColumn('started_at', 'bigint', required)
    .addColumn('finished_at', 'bigint')
    .addPrimaryKeyConstraint('steps_key', ['project_id', 'task', 'step']);
}

function questions(table: Table) {
  return table
    .addColumn('task', 'text', required)
    .addColumn('ordinal', 'bigint', required)
    .addColumn('question_id', 'text', required)
    .addColumn('attempt', 'bigint', required)
    .addColumn('step', 'bigint', required)
    .addColumn('question', 'text', required)
    .addColumn('options', 'text')
    .addColumn('state', 'text', required)
    .addColumn('asked_at', 'bigint', required)
    .addColumn('answer', 'text')
    .addColumn('answered_at', 'bigint')
    .addColumn('answered_by', 'text')
    .addPrimaryKeyConstraint('questions_key', ['project_id', 'task', 'ordinal']);
}
