import type { TurnOutcome } from './outcome.ts';

export type FailedTurn = Exclude<TurnOutcome, { kind: 'success' }>;

/** What follows a turn that failed. Times are epoch ms. */
export type FailureVerdict =
  /** Another attempt. `new`: the old conversation is of no use any more. */
  | { kind: 'retry'; at: number; session: 'same' | 'new' }
  /** The provider takes no work until then. It is not the task's failure. */
  | { kind: 'park'; until: number }
  | { kind: 'fail' };

export interface RetryPolicy {
  /** How often the task failed by now, this failure included. */
  readonly failures: number;
  readonly maxAttempts: number;
  readonly baseMs: number;
  readonly maxMs: number;
  readonly now: number;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
}

/**
 * Decides by the kind of failure. Only what may pass by itself is tried again; a refused credential, a refused
 * request or a spent budget needs a person.
 */
export function afterFailure(outcome: FailedTurn, policy: RetryPolicy): FailureVerdict {
  const { failures, maxAttempts, now } = policy;
  switch (outcome.kind) {
    case 'rate_limited':
      return { kind: 'park', until: parkedUntil(outcome.until, policy) };
    case 'killed':
      if (outcome.byUs) return { kind: 'retry', at: now, session: 'same' };
      break;
    case 'transient':
    case 'stalled':
    case 'context_limit':
      break;
    case 'auth':
    case 'permanent':
    case 'budget':
      return { kind: 'fail' };
  }
  if (failures >= maxAttempts) return { kind: 'fail' };
  return {
    kind: 'retry',
    at: Math.round(now + backoffMs(policy)),
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

/**
 * The announced time, spread a little so that not everybody comes back in the same moment; without one, between half
 * of and the whole longest delay.
 */
function parkedUntil(until: number | undefined, { now, baseMs, maxMs, random }: RetryPolicy): number {
  if (until === undefined) return Math.round(now + (maxMs / 2) * (1 + random()));
  return Math.round(Math.max(until, now) + baseMs * random());
}
