import type { TurnEnd } from '../../core/agents/exit-outcome.ts';
import { describeExit, endedWell, exitOutcome, transientByText } from '../../core/agents/exit-outcome.ts';
import type { TurnOutcome } from '../../core/agents/outcome.ts';
import { resetTime } from '../../core/agents/reset-time.ts';
import { parseAgentResult } from '../../core/agents/result.ts';
import type { CodexState } from './translate.ts';

const INSTALL = 'Install Codex: npm install -g @openai/codex';
/** Printed whenever standard input is not a terminal. */
const HARMLESS = /^Reading additional input from stdin\.\.\.$/gm;
/** The service's own trouble, in Codex's words. */
const PASSING = /stream disconnected|high demand|idle timeout|error sending request|timed out|overloaded/i;
const GONE = /no rollout found for thread id|no thread found/i;

/** The outcome of a turn: from its last event when there is one, else from how the process ended. */
export function classify(state: CodexState, end: TurnEnd, now: number): TurnOutcome {
  const { exit } = end;
  const told: TurnEnd = { ...end, stderrTail: end.stderrTail.replace(HARMLESS, '').trim() };
  const outcome = exitOutcome(told, { install: INSTALL });
  const last = exit.kind === 'exited' || endedWell(exit);
  if (last && state.failure !== undefined) return failure(state.failure, now);
  if (last && state.completed) {
    if (!endedWell(exit))
      return { kind: 'transient', reason: `It reported success, but ${describeExit(told)}` };
    const result = parseAgentResult(state.answer);
    return { kind: 'success', text: state.answer, ...(result === undefined ? {} : { result }) };
  }
  if (outcome !== undefined) return outcome;
  const reason = describeExit(told, state.stray.toString());
  if (GONE.test(told.stderrTail)) return { kind: 'context_limit', reason };
  const code = exit.kind === 'exited' ? exit.code : undefined;
  // After SIGINT it ends with 1 and says nothing.
  if (state.threadId !== undefined && code === 1) return { kind: 'killed', byUs: false, reason };
  if (state.threadId === undefined && code !== 0) return { kind: 'permanent', cause: 'config', reason };
  return { kind: 'transient', reason };
}

/** Codex tells failures in words; a status in them is surer than the words around it. */
function failure(reason: string, now: number): TurnOutcome {
  if (/context window/i.test(reason)) return { kind: 'context_limit', reason };
  if (/quota exceeded|insufficient_quota|credit balance|billing/i.test(reason)) {
    return { kind: 'permanent', cause: 'billing', reason };
  }
  const limited = (): TurnOutcome => {
    const until = resetTime(reason, now);
    return { kind: 'rate_limited', reason, ...(until === undefined ? {} : { until }) };
  };
  const status = Number(/\b(?:unexpected|last) status:? (\d{3})\b/.exec(reason)?.[1] ?? Number.NaN);
  if (status === 429) return limited();
  if (status === 401 || status === 403) return { kind: 'auth', reason };
  if (status === 404) return { kind: 'permanent', cause: 'config', reason };
  if (status >= 400 && status < 500 && status !== 408) return { kind: 'permanent', cause: 'request', reason };
  if (Number.isNaN(status)) {
    if (/usage limit|rate limit/i.test(reason)) return limited();
    if (/^Missing environment variable|not logged in|log in again/i.test(reason))
      return { kind: 'auth', reason };
    if (/\bmodel\b.*\b(?:does not exist|not found|not supported)\b/i.test(reason)) {
      return { kind: 'permanent', cause: 'config', reason };
    }
    // A refused request is passed on as the body of the answer.
    if (reason.trimStart().startsWith('{"error"')) return { kind: 'permanent', cause: 'request', reason };
  }
  return status >= 500 || status === 408 ? { kind: 'transient', reason } : transientByText(reason, PASSING);
}
