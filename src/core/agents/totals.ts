import type { SessionTotals, Usage } from './ports.ts';

export const NO_TOTALS: SessionTotals = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };

/**
 * What a turn used, from figures that count the whole session. A CLI whose tokens fell below the ones before has
 * forgotten the session, and counts from zero again. A price that fell was counted anew, too, or is not named any more.
 */
export function usageSince(before: SessionTotals, now: SessionTotals): Usage {
  const forgot = now.inputTokens < before.inputTokens || now.outputTokens < before.outputTokens;
  if (forgot) return now;
  const inputTokens = now.inputTokens - before.inputTokens;
  return {
    inputTokens,
    outputTokens: now.outputTokens - before.outputTokens,
    cachedTokens: Math.min(inputTokens, since(before.cachedTokens, now.cachedTokens)),
    costUsd: since(before.costUsd, now.costUsd),
  };
}

function since(before: number, now: number): number {
  return now < before ? now : now - before;
}

/** A CLI that names no price has not worked for nothing. */
export function isPriced({ priced, costUsd }: Usage): boolean {
  return priced ?? costUsd > 0;
}
