import type { TurnEnd } from '../../core/agents/exit-outcome.ts';
import { describeExit, endedWell, exitOutcome, transientByText } from '../../core/agents/exit-outcome.ts';
import type { TurnOutcome } from '../../core/agents/outcome.ts';
import type { SessionTotals } from '../../core/agents/ports.ts';
import { resetTime } from '../../core/agents/reset-time.ts';
import { parseAgentResult } from '../../core/agents/result.ts';
import type { GooseState } from './translate.ts';

const INSTALL = 'Install Goose: https://github.com/block/goose';
const FAILED = /^(Ran into this error|Network error: )/;
const PASSING = /Server error|Network error|Stream decode|timed out/;
const GONE = /No session found with name|no such session exists/;

/**
 * The outcome of a turn. Goose ends with 0 whatever the model did: a failure is a message of its own, a success is a
 * `complete` whose total grew since the turn before.
 */
export function classify(state: GooseState, end: TurnEnd, before: SessionTotals, now: number): TurnOutcome {
  const { exit } = end;
  const outcome = exitOutcome(end, { install: INSTALL });
  const last = exit.kind === 'exited' || endedWell(exit);
  const failed = state.notes.findLast((message) => FAILED.test(message));
  if (last && failed !== undefined) return failure(failed, now);
  if (last && endedWell(exit) && state.complete !== undefined) return completed(state, before);
  if (outcome !== undefined) return outcome;
  const printed = state.stray.toString();
  const reason = describeExit(end, printed);
  if (GONE.test(`${end.stderrTail}\n${printed}`)) return { kind: 'context_limit', reason };
  if (/No provider configured/.test(`${end.stderrTail}\n${printed}`)) return { kind: 'auth', reason };
  if (exit.kind === 'exited' && exit.code !== 0 && /^\s*error:/im.test(`${end.stderrTail}\n${printed}`)) {
    return { kind: 'permanent', cause: 'config', reason };
  }
  return { kind: 'transient', reason };
}

function completed(state: GooseState, before: SessionTotals): TurnOutcome {
  const enough = state.notes.find((message) =>
    message.startsWith("I've reached the maximum number of actions"),
  );
  if (enough !== undefined) return { kind: 'budget', reason: enough };
  const totalTokens = state.complete?.totalTokens;
  // Some models do not count, so no total alone says little.
  if (state.interrupted || (totalTokens === undefined && state.answer === '')) {
    return { kind: 'killed', byUs: false, reason: 'Goose was interrupted before the model answered' };
  }
  const earlier = before.inputTokens + before.outputTokens;
  if (totalTokens === earlier && state.answer === '') {
    return { kind: 'transient', reason: 'Goose ended without an answer of the model' };
  }
  const result = parseAgentResult(state.answer);
  return { kind: 'success', text: state.answer, ...(result === undefined ? {} : { result }) };
}

function failure(message: string, now: number): TurnOutcome {
  const reason = message.replace(/\s*Please (?:retry|resend|try again)[\s\S]*$/, '').trim();
  if (/Authentication error|No provider configured/.test(reason)) return { kind: 'auth', reason };
  if (/context limit|context length/i.test(reason)) return { kind: 'context_limit', reason };
  if (/quota|billing|\bcredits?\b/i.test(reason)) return { kind: 'permanent', cause: 'billing', reason };
  if (/Rate limit exceeded/.test(reason)) {
    const until = resetTime(reason, now);
    return { kind: 'rate_limited', reason, ...(until === undefined ? {} : { until }) };
  }
  if (/Resource not found \(404\)/.test(reason)) return { kind: 'permanent', cause: 'config', reason };
  if (/Bad request \(4\d\d\)/.test(reason)) return { kind: 'permanent', cause: 'request', reason };
  return transientByText(reason, PASSING);
}
