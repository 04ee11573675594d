import { sql } from 'kysely';
import type { UsageKey, UsageReport, UsageRow, UsageSum } from '../../core/agents/history.ts';
import { NO_USAGE } from '../../core/agents/usage.ts';
import { NO_TASK, type Store } from '../../core/tasks/ports.ts';
import { rowsOf } from './prepared.ts';
import type { Session } from './session.ts';

/** Every offset of a time zone is a multiple of it. */
const QUARTER_MS = 900_000;

interface SumRow {
  key: string | number | null;
  turns: number;
  input: number;
  output: number;
  cached: number;
  cost: number;
  unpriced: number;
}

/** Summed up by the database, over steps that used something. */
export async function usageOf(session: Session, filter: Parameters<Store['usage']>[0]): Promise<UsageReport> {
  const { by, limit } = filter;
  const grouped = sums(session, filter, by).groupBy(keyOf(by)).limit(limit);
  const ordered =
    by === 'time'
      ? grouped.orderBy(keyOf(by))
      : grouped.orderBy('cost', 'desc').orderBy('unpriced', 'desc').orderBy(keyOf(by));
  const rows = await rowsOf<SumRow>(session, ordered);
  const [total] = await rowsOf<SumRow>(session, sums(session, filter, undefined));
  return { rows: rows.map(asUsage), total: total === undefined ? NO_USAGE : asSum(total) };
}

function keyOf(by: UsageKey) {
  // Steps of older logs have no account: it was the provider's own name.
  if (by === 'account') return sql<string | number | null>`coalesce(account, provider)`;
  // Advice belongs to no task.
  if (by === 'task') return sql<string | number | null>`nullif(task, ${sql.lit(NO_TASK)})`;
  if (by !== 'time') return sql.ref<string | number | null>(by);
  const quarter = sql.lit(QUARTER_MS);
  return sql<string | number | null>`used_at - used_at % ${quarter}`;
}

function sums(session: Session, filter: Parameters<Store['usage']>[0], by: UsageKey | undefined) {
  const { since, task } = filter;
  const key = by === undefined ? sql<string | number | null>`null` : keyOf(by);
  let query = session.db
    .selectFrom('steps')
    .select((eb) => [
      key.as('key'),
      eb.fn.countAll<number>().as('turns'),
      eb.fn.sum<number>('input_tokens').as('input'),
      eb.fn.sum<number>('output_tokens').as('output'),
      eb.fn.sum<number>('cached_tokens').as('cached'),
      eb.fn.sum<number>('cost_usd').as('cost'),
      eb.fn.sum<number>('unpriced_tokens').as('unpriced'),
    ])
    .where('project_id', '=', session.project)
    .where('used_at', 'is not', null);
  if (since !== undefined) query = query.where('used_at', '>=', since);
  if (task !== undefined) query = query.where('task', '=', task);
  return query;
}

function asUsage(row: SumRow): UsageRow {
  return { key: row.key === null ? undefined : String(row.key), ...asSum(row) };
}

/** PostgreSQL gives sums of whole numbers as text, and the sum of nothing is null. */
function asSum(row: SumRow): UsageSum {
  return {
    turns: Number(row.turns),
    inputTokens: Number(row.input),
    outputTokens: Number(row.output),
    cachedTokens: Number(row.cached),
    costUsd: Number(row.cost),
    unpricedTokens: Number(row.unpriced),
  };
}
