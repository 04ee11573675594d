import type { StatusSource } from '../../../core/api/ports.ts';
import type { Hold } from '../../../core/dispatch/hold.ts';
import type { Counts } from '../../../core/tasks/ports.ts';
import { count, duration, money, shortId } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';
import { table } from '../table.ts';
import { renderAccounts } from './accounts.ts';
import { renderAttention } from './attention.ts';
import { renderHolds } from './holds.ts';
import { renderNext } from './status.ts';

/** How a run ended: what was merged by it, what failed and why, where the work is and what comes next. */
export function renderRunSummary(
  source: StatusSource,
  options: {
    startedAt: number;
    stopped: boolean;
    holds: readonly Hold[];
    integrationBranch: string;
    width: number;
    paint: Paint;
  },
): string[] {
  const { counts } = source;
  const { paint, startedAt } = options;
  const tookMs = source.now - startedAt;
  const lines = ['', paint('bold', endLine(counts, { stopped: options.stopped, tookMs }))];
  const merged = source.tasks.filter((task) => task.state === 'done' && (task.finishedAt ?? 0) >= startedAt);
  if (merged.length > 0) {
    lines.push('', `Merged into ${safeLine(options.integrationBranch)}:`);
    const rows = merged.map((task) => [
      { text: `  ${safeLine(task.id)}`, look: 'green' as const },
      { text: task.mergeCommit === undefined ? 'no change' : shortId(task.mergeCommit) },
      { text: safeLine(task.definition.title) },
    ]);
    const columns = [{ title: '' }, { title: '' }, { title: '', flexible: true }];
    lines.push(...table({ columns, rows, width: options.width, paint }).slice(1));
  }
  const accounts = renderAccounts(source.accounts, { ...options, now: source.now });
  const held = [...accounts, ...renderHolds(options.holds, paint)];
  for (const section of [held, renderAttention(source, options), renderNext(source, paint)]) {
    if (section.length > 0) lines.push('', ...section);
  }
  if (options.stopped) lines.push('', 'Everything is saved.', `    ${paint('dim', 'cw run')}`);
  return lines;
}

/** `Ended after 1m 05s: 3 of 5 tasks done, $0.41.` */
export function endLine(counts: Counts, { stopped, tookMs }: { stopped: boolean; tookMs: number }): string {
  const done = counts.byState.done + counts.byState.skipped;
  const verb = stopped ? 'Stopped' : 'Ended';
  return `${verb} after ${duration(tookMs)}: ${done} of ${count(counts.total, 'task')} done, ${money(counts.costUsd)}.`;
}
