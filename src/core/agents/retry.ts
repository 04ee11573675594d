import type { TurnOutcome } from './outcome.ts';

export type FailedTurn = Exclude<TurnOutcome, { kind: 'success' }>;

/** What follows a turn that failed. */
export type FailureVerdict =
  /** Another attempt. `new`: the old conversation is of no use any more. */
  | { kind: 'retry'; delayMs: number; session: 'same' | 'new' }
  /** It is not the task's failure: it goes on, uncharged, when a provider takes work. */
  | { kind: 'release' }
  | { kind: 'fail' };

export interface RetryPolicy {
  /** How often the task failed by now, this failure included. */
  readonly failures: number;
  readonly maxAttempts: number;
  readonly baseMs: number;
  readonly maxMs: number;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  /** Did the turn try an account that had been cut off? */
  readonly isTrial: boolean;
  /** How the role's earlier turns on this task failed, in words. */
  readonly earlier: readonly string[];
}

/**
 * Decides by the kind of failure. Only what may pass by itself is tried again; a refused request or a spent budget
 * needs a person, and so does an account that refuses, but there the task waits for its account.
 */
export function afterFailure(outcome: FailedTurn, policy: RetryPolicy): FailureVerdict {
  const { failures, maxAttempts } = policy;
  switch (outcome.kind) {
    case 'rate_limited':
    case 'auth':
      return { kind: 'release' };
    case 'permanent':
      return outcome.cause === 'billing' ? { kind: 'release' } : { kind: 'fail' };
    case 'killed':
      if (outcome.byUs) return { kind: 'release' };
      break;
    case 'transient':
      if (outcome.recognised === false && isKnown(outcome.reason, policy.earlier)) return { kind: 'fail' };
      // The service says of itself that it is still down.
      if (outcome.recognised !== false && policy.isTrial) return { kind: 'release' };
      break;
    case 'stalled':
    case 'context_limit':
      break;
    case 'budget':
      return { kind: 'fail' };
  }
  if (failures >= maxAttempts) return { kind: 'fail' };
  return {
    kind: 'retry',
    delayMs: Math.round(backoffMs(policy)),
    session: outcome.kind === 'context_limit' ? 'new' : 'same',
  };
}

/**
 * Exponential backoff with full jitter: anything up to `baseMs` doubled for each failure before this one.
 * @internal Exported for its test.
 */
export function backoffMs(policy: Pick<RetryPolicy, 'failures' | 'baseMs' | 'maxMs' | 'random'>): number {
  const { failures, baseMs, maxMs, random } = policy;
  return Math.min(maxMs, baseMs * 2 ** Math.max(0, failures - 1)) * random();
}

/** Was the same said before? Numbers and ids in it differ from time to time. */
function isKnown(reason: string, earlier: readonly string[]): boolean {
  const said = wordsOf(reason);
  return earlier.some((other) => wordsOf(other) === said);
}

function wordsOf(text: string): string {
  return text.toLowerCase().replace(/[\da-f-]*\d[\da-f-]*/g, '#');
}
