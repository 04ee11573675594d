import type { RequestError } from '@agentclientprotocol/sdk';
import type { TurnOutcome } from '../../core/agents/outcome.ts';
import { resetTime } from '../../core/agents/reset-time.ts';
import { parseAgentResult } from '../../core/agents/result.ts';
import { errorData, type Prompted } from './messages.ts';

/** Codes of the protocol: an agent that must be logged in first, and a session that it does not know. */
const AUTH_REQUIRED = -32_000;
const NOT_FOUND = -32_002;
const UNKNOWN_METHOD = -32_601;
const BAD_PARAMS = -32_602;
/** Goose tells failures of the model as if the model had said them. */
const TOLD_AS_TEXT = /^(Ran into this error|Network error: )/;
const ENOUGH = /^I've reached the maximum number of actions/;

/** The outcome of a prompt that was answered. */
export function answered({ stopReason }: Prompted, answer: string, now: number): TurnOutcome {
  const said = answer.trim();
  switch (stopReason) {
    case 'end_turn': {
      if (TOLD_AS_TEXT.test(said)) {
        return failure(said.replace(/\s*Please (?:retry|resend|try again)[\s\S]*$/, ''), undefined, now);
      }
      if (ENOUGH.test(said)) return { kind: 'budget', reason: said };
      const result = parseAgentResult(said);
      return { kind: 'success', text: said, ...(result === undefined ? {} : { result }) };
    }
    case 'max_tokens':
      return { kind: 'context_limit', reason: 'The model reached its limit of tokens' };
    case 'max_turn_requests':
      return { kind: 'budget', reason: 'The agent reached its limit of requests in one turn' };
    case 'refusal':
      return { kind: 'permanent', cause: 'request', reason: `The agent refused the prompt. ${said}`.trim() };
    case 'cancelled':
      return { kind: 'killed', byUs: false, reason: 'The agent says that the turn was cancelled' };
    default:
      return { kind: 'transient', reason: `The agent ended the turn with "${stopReason ?? 'no reason'}"` };
  }
}

/** The outcome of a request that was answered with an error. `doing` is the request's method. */
export function refused(error: RequestError, doing: string, now: number): TurnOutcome {
  const data = errorData.parse(error.data);
  const detail = data?.details ?? data?.message ?? (typeof error.data === 'string' ? error.data : '');
  const said =
    detail === '' || error.message.includes(detail) ? error.message : `${error.message}: ${detail}`;
  const reason = `${doing}: ${said}`;
  if (error.code === AUTH_REQUIRED) return { kind: 'auth', reason };
  if (doing === 'session/load' && error.code !== UNKNOWN_METHOD) return { kind: 'context_limit', reason };
  if (error.code === NOT_FOUND) return { kind: 'context_limit', reason };
  if (error.code === UNKNOWN_METHOD || error.code === BAD_PARAMS) {
    return { kind: 'permanent', cause: 'config', reason };
  }
  const status = [data?.status, data?.statusCode, data?.code, error.code].find(
    (each) => each !== undefined && each >= 400 && each < 600,
  );
  return failure(reason, status, now);
}

/** The outcome of a program that ended without a word of the protocol: a login that is missing, or a wrong command. */
export function neverSpoke(reason: string, now: number): TurnOutcome {
  const outcome = failure(reason, undefined, now);
  return outcome.kind === 'auth' ? outcome : { kind: 'permanent', cause: 'config', reason };
}

/** A failure of the model: by its status, which is surer than words, else by what is said about it. */
function failure(reason: string, told: number | undefined, now: number): TurnOutcome {
  const status = told ?? statusIn(reason);
  if (/context (?:limit|length|window)|context_length|prompt is too long|input token count/i.test(reason)) {
    return { kind: 'context_limit', reason };
  }
  if (/insufficient_quota|current quota|credit balance|no credit|billing/i.test(reason)) {
    return { kind: 'permanent', cause: 'billing', reason };
  }
  if (status === 429 || (status === undefined && /rate limit|usage limit|RESOURCE_EXHAUSTED/i.test(reason))) {
    const until = resetTime(reason, now);
    return { kind: 'rate_limited', reason, ...(until === undefined ? {} : { until }) };
  }
  if (status === 401 || status === 403) return { kind: 'auth', reason };
  if (status === 404) return { kind: 'permanent', cause: 'config', reason };
  if (status !== undefined && status >= 400 && status < 500 && status !== 408) {
    return { kind: 'permanent', cause: 'request', reason };
  }
  if (
    status === undefined &&
    /authentication|unauthori[sz]ed|api key|not logged in|No provider/i.test(reason)
  ) {
    return { kind: 'auth', reason };
  }
  return { kind: 'transient', reason };
}

function statusIn(text: string): number | undefined {
  const found =
    /\b(?:status(?: code)?|HTTP(?:\/[\d.]+)?|error|code)["']?\s*[:=(]?\s*([45]\d\d)\b/i.exec(text)?.[1] ??
    /\(([45]\d\d)(?: [A-Z][\w ]*)?\)/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
