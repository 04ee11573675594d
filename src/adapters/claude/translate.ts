import { parseJsonLine, Tail, toolDetail } from '../../core/agents/json-line.ts';
import type { AgentEvent, OutputLine, SessionTotals } from '../../core/agents/ports.ts';
import { usageSince } from '../../core/agents/totals.ts';
import type { ClaudeBlock, ClaudeEvent, ClaudeResult } from './events.ts';
import { claudeEvent } from './events.ts';

/** What the lines of a turn said so far, as far as its outcome depends on it. */
export interface ClaudeState {
  sessionId: string | undefined;
  /** Names of the tools that are running, by the id of their call. */
  readonly tools: Map<string, string>;
  /** The kind of API failure: rate_limit, authentication_failed, overloaded, … */
  error: string | undefined;
  errorStatus: number | undefined;
  /** When a rejected limit ends, epoch ms. */
  limitedUntil: number | undefined;
  result: ClaudeResult | undefined;
  /** What it printed that is no event. */
  readonly stray: Tail;
}

export function newState(): ClaudeState {
  return {
    sessionId: undefined,
    tools: new Map(),
    error: undefined,
    errorStatus: undefined,
    limitedUntil: undefined,
    result: undefined,
    stray: new Tail(),
  };
}

/** Takes one line of standard output into `state` and says what it means. Unknown events mean nothing. */
export function translate(
  line: OutputLine,
  state: ClaudeState,
  before: SessionTotals,
): readonly AgentEvent[] {
  const json = parseJsonLine(line);
  if (json === undefined) {
    state.stray.add(line.text);
    return [];
  }
  const parsed = claudeEvent.safeParse(json);
  return parsed.success ? meaning(parsed.data, state, before) : [];
}

function meaning(event: ClaudeEvent, state: ClaudeState, before: SessionTotals): AgentEvent[] {
  switch (event.type) {
    case 'system':
      return systemEvents(event, state);
    case 'assistant':
      state.error = event.error ?? state.error;
      state.errorStatus = event.api_error_status ?? state.errorStatus;
      // The text of a failure is in the outcome.
      if (event.error !== undefined) return [];
      return (event.message?.content ?? []).flatMap((block) => said(block, state));
    case 'user':
      return (event.message?.content ?? []).flatMap((block) => toolEnd(block, state));
    case 'rate_limit_event':
      return limitEvents(event, state);
    case 'result':
      state.result = event;
      // A refused `--resume` names the session that does not exist.
      return [
        ...(event.is_error === true ? [] : named(event.session_id, state)),
        ...usageEvents(event, before),
      ];
  }
}

function systemEvents(event: Extract<ClaudeEvent, { type: 'system' }>, state: ClaudeState): AgentEvent[] {
  switch (event.subtype) {
    case 'init':
      return [
        ...named(event.session_id, state),
        ...(event.mcp_servers ?? [])
          .filter(({ status }) => status === 'failed')
          .map(({ name }) => notice(`The MCP server ${name} could not be started`)),
      ];
    case 'api_retry': {
      const status = event.error_status === undefined ? '' : ` (${event.error_status})`;
      return [
        {
          type: 'retrying',
          reason: `${event.error ?? 'unknown'}${status}`,
          attempt: event.attempt ?? 1,
          ...(event.retry_delay_ms === undefined ? {} : { delayMs: event.retry_delay_ms }),
        },
      ];
    }
    case 'permission_denied':
      return [notice(`${event.tool_name ?? 'A tool'} was denied: ${event.message ?? 'no permission'}`)];
    default:
      return [];
  }
}

function named(sessionId: string | undefined, state: ClaudeState): AgentEvent[] {
  if (sessionId === undefined || sessionId === state.sessionId) return [];
  state.sessionId = sessionId;
  return [{ type: 'session', sessionId }];
}

function said(block: ClaudeBlock, state: ClaudeState): AgentEvent[] {
  if (block.type === 'text' && block.text !== undefined) return [{ type: 'text', text: block.text }];
  if (block.type !== 'tool_use' || block.name === undefined) return [];
  if (block.id !== undefined) state.tools.set(block.id, block.name);
  return [{ type: 'tool', name: block.name, detail: toolDetail(block.input), status: 'started' }];
}

function toolEnd(block: ClaudeBlock, state: ClaudeState): AgentEvent[] {
  if (block.type !== 'tool_result' || block.tool_use_id === undefined) return [];
  const name = state.tools.get(block.tool_use_id) ?? 'tool';
  state.tools.delete(block.tool_use_id);
  return [{ type: 'tool', name, detail: '', status: block.is_error === true ? 'failed' : 'completed' }];
}

function limitEvents(
  event: Extract<ClaudeEvent, { type: 'rate_limit_event' }>,
  state: ClaudeState,
): AgentEvent[] {
  const { status, resetsAt, rateLimitType = 'usage' } = event.rate_limit_info ?? {};
  if (status !== 'rejected' && status !== 'allowed_warning') return [];
  const until = resetsAt === undefined ? undefined : resetsAt * 1_000;
  if (status === 'rejected') state.limitedUntil = until;
  return [
    {
      type: 'limit',
      status: status === 'rejected' ? 'rejected' : 'warning',
      reason: `${rateLimitType.replaceAll('_', ' ')} limit`,
      ...(until === undefined ? {} : { until }),
    },
  ];
}

function usageEvents(result: ClaudeResult, before: SessionTotals): AgentEvent[] {
  const models = Object.values(result.modelUsage ?? {});
  if (models.length === 0) return [];
  const sum = (pick: (model: (typeof models)[number]) => number | undefined) =>
    models.reduce((total, model) => total + (pick(model) ?? 0), 0);
  const cachedTokens = sum((model) => model.cacheReadInputTokens);
  const totals: SessionTotals = {
    inputTokens:
      sum((model) => model.inputTokens) + sum((model) => model.cacheCreationInputTokens) + cachedTokens,
    outputTokens: sum((model) => model.outputTokens),
    cachedTokens,
    costUsd: result.total_cost_usd ?? 0,
  };
  const priced = result.total_cost_usd !== undefined;
  return [{ type: 'usage', usage: { ...usageSince(before, totals), priced }, totals }];
}

function notice(message: string): AgentEvent {
  return { type: 'notice', message };
}
