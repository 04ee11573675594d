import type { AgentEvent, SessionTotals } from '../../core/agents/ports.ts';
import type { Prompted } from './messages.ts';

/**
 * What a turn used: tokens of this turn alone, as the agents count them, and the cost of the whole session, less what
 * it had cost before. `undefined` when the agent tells neither.
 */
export function usageOf(
  { usage, _meta }: Prompted,
  costUsd: number | undefined,
  before: SessionTotals,
): AgentEvent | undefined {
  const quota = _meta?.quota?.token_count;
  if (usage === undefined && quota === undefined && costUsd === undefined) return undefined;
  const cachedTokens = usage?.cachedReadTokens ?? 0;
  const outputTokens = usage?.outputTokens ?? quota?.output_tokens ?? 0;
  const given = usage?.inputTokens ?? quota?.input_tokens ?? 0;
  // Some agents count cached input within the input, others beside it: the total tells.
  const inputTokens = Math.max(given, (usage?.totalTokens ?? 0) - outputTokens);
  const totals: SessionTotals = {
    inputTokens: before.inputTokens + inputTokens,
    outputTokens: before.outputTokens + outputTokens,
    cachedTokens: before.cachedTokens + cachedTokens,
    costUsd: Math.max(before.costUsd, costUsd ?? 0),
  };
  return {
    type: 'usage',
    usage: { inputTokens, outputTokens, cachedTokens, costUsd: totals.costUsd - before.costUsd },
    totals,
  };
}
