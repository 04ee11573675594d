import type { TurnEnd } from '../../core/agents/exit-outcome.ts';
import { describeExit, endedWell, exitOutcome, transientByText } from '../../core/agents/exit-outcome.ts';
import type { TurnOutcome } from '../../core/agents/outcome.ts';
import { resetTime } from '../../core/agents/reset-time.ts';
import { parseAgentResult } from '../../core/agents/result.ts';
import type { ClaudeResult } from './events.ts';
import type { ClaudeState } from './translate.ts';

const INSTALL = 'Install Claude Code: npm install -g @anthropic-ai/claude-code';
/** How Claude ends after SIGTERM, SIGHUP and, without a result, SIGINT (which gives 0). */
const SIGNAL_CODES = [0, 129, 130, 143];
/** The service's own trouble, where no status or kind of error tells it. */
const PASSING = /overloaded|timed out|timeout|connection|network|internal server error/i;
const GONE = /No conversation found with session ID/;

/**
 * The outcome of a turn: from its `result` event when there is one, else from how the process ended. `subtype` alone
 * is not trusted: an API failure is a "success" with `is_error`.
 */
export function classify(state: ClaudeState, end: TurnEnd, now: number): TurnOutcome {
  const { exit } = end;
  const outcome = exitOutcome(end, { install: INSTALL });
  const { result } = state;
  if (result !== undefined && (exit.kind === 'exited' || endedWell(exit))) {
    if (result.is_error === true) return failure(result, state, now);
    if (!endedWell(exit))
      return { kind: 'transient', reason: `It reported success, but ${describeExit(end)}` };
    const structured = parseAgentResult(result.structured_output ?? result.result);
    return {
      kind: 'success',
      text: result.result ?? '',
      ...(structured === undefined ? {} : { result: structured }),
    };
  }
  if (outcome !== undefined) return outcome;
  const code = exit.kind === 'exited' ? exit.code : undefined;
  const reason = describeExit(end, state.stray.toString());
  if (GONE.test(end.stderrTail)) return { kind: 'context_limit', reason };
  if (state.sessionId !== undefined) {
    if (code !== undefined && SIGNAL_CODES.includes(code)) return { kind: 'killed', byUs: false, reason };
    return { kind: 'transient', reason };
  }
  // Refused before it began: a bad flag, no permission to run like this. Nothing printed at all may be an accident.
  if (code === 0) return { kind: 'transient', reason };
  if (code !== undefined && SIGNAL_CODES.includes(code)) return { kind: 'killed', byUs: false, reason };
  if (/already in use/.test(end.stderrTail)) return { kind: 'transient', reason };
  return { kind: 'permanent', cause: 'config', reason };
}

function failure(result: ClaudeResult, state: ClaudeState, now: number): TurnOutcome {
  const reason =
    result.result ?? result.errors?.join(' ') ?? `Claude Code reported ${result.subtype ?? 'an error'}`;
  if (result.terminal_reason === 'prompt_too_long' || GONE.test(reason))
    return { kind: 'context_limit', reason };
  if (result.subtype === 'error_max_turns' || result.subtype === 'error_max_budget_usd') {
    return { kind: 'budget', reason };
  }
  if (result.terminal_reason?.startsWith('aborted_') === true) {
    return { kind: 'killed', byUs: false, reason: 'Claude Code was interrupted' };
  }
  const limited = (): TurnOutcome => {
    const until = state.limitedUntil ?? resetTime(reason, now);
    return { kind: 'rate_limited', reason, ...(until === undefined ? {} : { until }) };
  };
  switch (state.error) {
    case 'rate_limit':
      return limited();
    case 'authentication_failed':
    case 'oauth_org_not_allowed':
      return { kind: 'auth', reason };
    case 'billing_error':
      return { kind: 'permanent', cause: 'billing', reason };
    case 'model_not_found':
      return { kind: 'permanent', cause: 'config', reason };
    case 'invalid_request':
      return { kind: 'permanent', cause: 'request', reason };
    case 'overloaded':
    case 'server_error':
      return { kind: 'transient', reason };
    default: {
      const status = result.api_error_status ?? state.errorStatus;
      // Claude knows no more either, and says so.
      if (state.error === 'unknown' && status === undefined) return { kind: 'transient', reason };
      return byStatus(status, reason, limited);
    }
  }
}

function byStatus(status: number | undefined, reason: string, limited: () => TurnOutcome): TurnOutcome {
  if (status === 429) return limited();
  if (status === 401 || status === 403) return { kind: 'auth', reason };
  if (status !== undefined && status >= 400 && status < 500 && status !== 408) {
    return { kind: 'permanent', cause: 'request', reason };
  }
  if (/Not logged in|Please run \/login/.test(reason)) return { kind: 'auth', reason };
  return status === undefined ? transientByText(reason, PASSING) : { kind: 'transient', reason };
}
