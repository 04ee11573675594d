import type { UsageReport, UsageRow } from '../../../core/agents/history.ts';
import type { BudgetView } from '../../../core/api/ports.ts';
import { grouped, money } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Look, Paint } from '../style.ts';
import { type Cell, table } from '../table.ts';
import { costText } from './agents.ts';

export type ShownKey = 'task' | 'agent' | 'provider' | 'account' | 'model' | 'day';

export interface UsageSource {
  readonly by: ShownKey;
  readonly report: UsageReport;
  /** By provider: those of which no price is known. */
  readonly unpriced: readonly UsageRow[];
  readonly budgets: readonly BudgetView[];
  /** How many rows there are at most. */
  readonly limit: number;
}

export function renderUsage(source: UsageSource, options: { width: number; paint: Paint }): string[] {
  const { by, report, unpriced, budgets, limit } = source;
  const lines =
    report.total.turns === 0
      ? ['No usage was told yet.']
      : table({
          columns: [
            { title: by.toUpperCase(), flexible: true },
            { title: 'STEPS', side: 'right' },
            { title: 'INPUT', side: 'right' },
            { title: 'CACHED', side: 'right' },
            { title: 'OUTPUT', side: 'right' },
            { title: 'COST', side: 'right' },
          ],
          rows: [
            ...report.rows.map((row) => cells(row.key ?? NAMELESS[by] ?? '', row, undefined)),
            cells('total', report.total, 'bold'),
          ],
          ...options,
        });
  if (report.rows.length >= limit) lines.push('', `Only ${limit} lines are shown; the total is of all.`);
  if (unpriced.length > 0) {
    const each = unpriced.map((row) => `${grouped(row.unpricedTokens)} tokens by ${safeLine(row.key ?? '')}`);
    lines.push('', `not priced: ${each.join(', ')}`);
  }
  if (budgets.length > 0) lines.push('', ...budgets.map((budget) => budgetLine(budget, options.paint)));
  return lines;
}

/** What is used under no name. */
const NAMELESS: Partial<Record<ShownKey, string>> = {
  task: '(advice of the orchestrator agent)',
  model: '(the CLI’s own choice)',
};

function cells(name: string, row: UsageReport['total'], look: Look | undefined): Cell[] {
  const texts = [
    safeLine(name),
    grouped(row.turns),
    grouped(row.inputTokens),
    grouped(row.cachedTokens),
    grouped(row.outputTokens),
    costText(row),
  ];
  return texts.map((text) => ({ text, ...(look === undefined ? {} : { look }) }));
}

function budgetLine({ scope, limitUsd, spentUsd, leftUsd }: BudgetView, paint: Paint): string {
  const name = scope === 'day' ? 'today' : 'this run';
  const left = leftUsd === 0 ? paint('red', 'nothing left') : `${money(leftUsd)} left`;
  return `${name}: ${money(spentUsd)} of ${money(limitUsd)} spent, ${left}`;
}
