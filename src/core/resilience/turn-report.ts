import type { TurnOutcome } from '../agents/outcome.ts';
import type { TurnReport } from './breaker.ts';

/** Limits whose reach is the service's silence; the others are about what the task made its agent do. */
const SILENCE: ReadonlySet<string> = new Set(['firstOutputMs', 'silenceMs']);

/** What the end of a turn says about the provider account, apart from what it says about the task. */
export function reportOf(outcome: TurnOutcome): TurnReport {
  switch (outcome.kind) {
    case 'success':
      return { kind: 'worked' };
    case 'transient':
      return { kind: 'failed', reason: outcome.reason };
    case 'stalled':
      return SILENCE.has(outcome.limit) ? { kind: 'failed', reason: outcome.reason } : { kind: 'silent' };
    case 'rate_limited':
      return { kind: 'limited', until: outcome.until, reason: outcome.reason };
    case 'auth':
      return { kind: 'refused', cause: 'auth', reason: outcome.reason };
    case 'permanent':
      return outcome.cause === 'billing'
        ? { kind: 'refused', cause: 'billing', reason: outcome.reason }
        : { kind: 'silent' };
    case 'context_limit':
    case 'budget':
    case 'killed':
      return { kind: 'silent' };
  }
}
