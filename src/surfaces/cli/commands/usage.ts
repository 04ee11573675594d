import type { UsageReport } from '../../../core/agents/history.ts';
import { byDay } from '../../../core/agents/usage.ts';
import type { Config } from '../../../core/config/schema.ts';
import { UsageError } from '../../../core/errors.ts';
import { localDay as dayOf } from '../../../core/resilience/budget.ts';
import { parseDuration } from '../../../core/roadmap/duration.ts';
import { quoted } from '../../../core/source/problem.ts';
import type { Store } from '../../../core/tasks/ports.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { isoTime, localDay } from '../format.ts';
import { findTask } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { usageJson } from '../views/agents.ts';
import { type BudgetView, renderUsage, type ShownKey } from '../views/usage.ts';

const MOST_ROWS = 100;
const MOST_JSON_ROWS = 10_000;
/** Quarters of an hour in about ten years. */
const MOST_QUARTERS = 350_000;

export const usage: Action = async (context, { options }) => {
  const store = await context.services.store();
  const now = context.services.now();
  const by = (options.by ?? 'provider') as ShownKey;
  const since = options.since === undefined ? undefined : parseSince(String(options.since), now);
  const task = options.task === undefined ? undefined : (await findTask(context, String(options.task))).id;
  const filter = { ...(since === undefined ? {} : { since }), ...(task === undefined ? {} : { task }) };
  const limit = context.json ? MOST_JSON_ROWS : MOST_ROWS;
  const report = await reportOf(store, { ...filter, by, limit });
  const providers = await store.usage({ ...filter, by: 'provider', limit });
  const unpriced = providers.rows.filter((row) => row.unpricedTokens > 0);
  const budgets = await budgetsOf(store, await context.services.config(), now);
  if (context.json) {
    printJson(context, {
      by,
      since: since === undefined ? null : isoTime(since),
      rows: report.rows.map((row) => ({ key: row.key ?? null, ...usageJson(row) })),
      total: usageJson(report.total),
      budgets,
    });
  } else {
    const source = { by, report, unpriced, budgets, limit };
    printLines(context, renderUsage(source, { width: context.io.columns(), paint: context.paint }));
  }
  return EXIT.ok;
};

async function reportOf(
  store: Store,
  { by, limit, ...filter }: Omit<Parameters<Store['usage']>[0], 'by'> & { by: ShownKey },
): Promise<UsageReport> {
  if (by !== 'day') return await store.usage({ ...filter, by, limit });
  const { rows, total } = await store.usage({ ...filter, by: 'time', limit: MOST_QUARTERS });
  return { rows: byDay(rows, localDay).slice(-limit), total };
}

/** What is left of the budgets of the config: of today, and of every run that is at work. */
async function budgetsOf(store: Store, config: Config, now: number): Promise<readonly BudgetView[]> {
  const { dayUsd, runUsd } = config.budget;
  const budgets: BudgetView[] = [];
  if (dayUsd !== undefined) {
    budgets.push(budget('day', dayUsd, await store.spent(dayOf(now).from)));
  }
  const starts = (await store.orchestrators()).map(({ startedAt }) => startedAt);
  if (runUsd !== undefined && starts.length > 0) {
    const { total } = await store.usage({ by: 'agent', limit: 1, since: Math.min(...starts) });
    budgets.push(budget('run', runUsd, total.costUsd));
  }
  return budgets;
}

function budget(scope: BudgetView['scope'], limitUsd: number, spentUsd: number): BudgetView {
  return { scope, limitUsd, spentUsd, leftUsd: Math.max(0, limitUsd - spentUsd) };
}

/** A date, which begins at local midnight, or a time until now. Throws `UsageError` `BAD_TIME`. */
export function parseSince(text: string, now: number): number {
  const ago = /^\d/.test(text) && /[a-z]$/i.test(text) ? parseDuration(text) : undefined;
  if (ago !== undefined) return now - ago;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00`) : new Date(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(at.getTime())) return at.getTime();
  throw new UsageError('BAD_TIME', `${quoted(text)} is neither a date nor a time`, {
    advice: 'write a date such as 2026-11-21, or a time such as 7d, 12h or 30m',
  });
}
