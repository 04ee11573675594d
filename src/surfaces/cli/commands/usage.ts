import type { UsageReport } from '../../../core/agents/history.ts';
import { byDay } from '../../../core/agents/usage.ts';
import type { ProjectApi } from '../../../core/api/ports.ts';
import { UsageError } from '../../../core/errors.ts';
import { parseDuration } from '../../../core/roadmap/duration.ts';
import { present } from '../../../core/source/present.ts';
import { quoted } from '../../../core/source/problem.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { isoTime, localDay } from '../format.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { usageJson } from '../views/agents.ts';
import { renderUsage, type ShownKey } from '../views/usage.ts';

const MOST_ROWS = 100;
const MOST_JSON_ROWS = 10_000;
/** Quarters of an hour in about ten years. */
const MOST_QUARTERS = 350_000;

export const usage: Action = async (context, { options }) => {
  const api = await context.services.api();
  const now = context.services.now();
  const by = (options.by ?? 'provider') as ShownKey;
  const since = options.since === undefined ? undefined : parseSince(String(options.since), now);
  const filter = present({ since, task: textOption(options.task) });
  const limit = context.json ? MOST_JSON_ROWS : MOST_ROWS;
  const report = await reportOf(api, { ...filter, by, limit });
  const providers = await api.usage({ ...filter, by: 'provider', limit });
  const unpriced = providers.rows.filter((row) => row.unpricedTokens > 0);
  const budgets = await api.budgets();
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
  api: ProjectApi,
  { by, limit, ...filter }: Omit<Parameters<ProjectApi['usage']>[0], 'by'> & { by: ShownKey },
): Promise<UsageReport> {
  if (by !== 'day') return await api.usage({ ...filter, by, limit });
  const { rows, total } = await api.usage({ ...filter, by: 'time', limit: MOST_QUARTERS });
  return { rows: byDay(rows, localDay).slice(-limit), total };
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
