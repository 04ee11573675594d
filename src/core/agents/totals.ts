import type { SessionTotals, Usage } from './ports.ts';

export const NO_TOTALS: SessionTotals = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };

/**
 * What a turn used, from figures that count the whole session. A CLI whose figures fell below the ones before has
 * forgotten the session, and counts from zero again.
 */
export function usageSince(before: SessionTotals, now: SessionTotals): Usage {
  const forgot = now.inputTokens < before.inputTokens || now.outputTokens < before.outputTokens;
  if (forgot) return now;
  return {
    inputTokens: now.inputTokens - before.inputTokens,
    outputTokens: now.outputTokens - before.outputTokens,
    cachedTokens: Math.max(0, now.cachedTokens - before.cachedTokens),
    costUsd: Math.max(0, now.costUsd - before.costUsd),
  };
}
