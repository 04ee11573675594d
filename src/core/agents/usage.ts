import type { UsageRow, UsageSum } from './history.ts';

export const NO_USAGE: UsageSum = {
  turns: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  costUsd: 0,
  unpricedTokens: 0,
};

export function added(a: UsageSum, b: UsageSum): UsageSum {
  return {
    turns: a.turns + b.turns,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    costUsd: a.costUsd + b.costUsd,
    unpricedTokens: a.unpricedTokens + b.unpricedTokens,
  };
}

/** Rows by time as rows by day; `dayOf` names the day of a moment (epoch ms) where the reader is. */
export function byDay(rows: readonly UsageRow[], dayOf: (at: number) => string): readonly UsageRow[] {
  const days = new Map<string, UsageSum>();
  for (const row of rows) {
    const day = dayOf(Number(row.key));
    days.set(day, added(days.get(day) ?? NO_USAGE, row));
  }
  return [...days].map(([key, sum]) => ({ key, ...sum }));
}
