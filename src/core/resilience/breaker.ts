import type { RunEvent } from '../events/event.ts';
import type { TaskId } from '../ids.ts';

/**
 * Why an account takes no work: it failed so often in a row, its limit is used up, or a person must act first (the
 * credential is refused, or there is no money left).
 */
export const ACCOUNT_CAUSES = ['failing', 'limited', 'auth', 'billing'] as const;
export type AccountCause = (typeof ACCOUNT_CAUSES)[number];

/**
 * How a provider account stands, for every orchestrator alike. Without a `cause` it takes work (closed); with one it
 * takes none before `until` (open), and from then on one task at a time (half-open) until that one has worked.
 */
export interface AccountStanding {
  readonly account: string;
  /** Failures in a row. */
  readonly failures: number;
  /** How often it was opened since it last worked. */
  readonly opens: number;
  readonly cause: AccountCause | undefined;
  /** Epoch ms on the database's clock. */
  readonly until: number;
  readonly reason: string;
  /** The task that tries whether it works again. */
  readonly trial: TaskId | undefined;
}

/** What one turn says about the account that it ran on. */
export type TurnReport =
  | { kind: 'worked' }
  /** The account's own failure: the service did not answer, or answered that it cannot. */
  | { kind: 'failed'; reason: string }
  /** Refused until a time (epoch ms), or for an unknown while. */
  | { kind: 'limited'; until: number | undefined; reason: string }
  /** Only a person can mend it. */
  | { kind: 'refused'; cause: 'auth' | 'billing'; reason: string }
  /** Nothing: the turn was stopped, or what went wrong was the task's own. */
  | { kind: 'silent' };

export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly failures: number;
  readonly pauseMs: number;
  readonly maxPauseMs: number;
  /** How long a limit without a time lasts at most, ms. */
  readonly limitMs: number;
  /** Times that were announced are spread by at most this, ms. */
  readonly spreadMs: number;
  /** From 0 up to, but not including, 1. */
  readonly random: number;
}

/** What is true while an account is changed. */
export interface AccountFacts {
  /** The database's clock, epoch ms. */
  readonly now: number;
  /** Is the task of the trial still in somebody's hands? */
  readonly trialIsActive: boolean;
}

export type AccountEvent = Extract<
  RunEvent,
  { type: 'provider.limited' | 'provider.opened' | 'provider.closed' }
>;

export interface AccountChange {
  /** The same object when nothing changed. */
  readonly standing: AccountStanding;
  readonly events: readonly AccountEvent[];
}

/** An account that nothing is known against. */
export function healthy(account: string): AccountStanding {
  return { account, failures: 0, opens: 0, cause: undefined, until: 0, reason: '', trial: undefined };
}

/** What an account is to whoever wants to work with it now. */
export function phaseOf(standing: AccountStanding, now: number): 'closed' | 'open' | 'half-open' {
  if (standing.cause === undefined) return 'closed';
  return standing.until > now ? 'open' : 'half-open';
}

/** Only a person's act brings it back, sooner than its pause ends. */
export function needsPerson({ cause }: AccountStanding): boolean {
  return cause === 'auth' || cause === 'billing';
}

/** The account after a turn of `task` on it. */
export function afterTurn(
  before: AccountStanding,
  turn: { readonly task: TaskId; readonly report: TurnReport; readonly policy: BreakerPolicy },
  facts: AccountFacts,
): AccountChange {
  const { task, report } = turn;
  switch (report.kind) {
    case 'worked':
      return worked(before, task);
    case 'failed':
      return failed(before, { ...turn, reason: report.reason }, facts);
    case 'limited':
      return limited(before, { ...turn, report }, facts);
    case 'refused':
      return refused(before, { ...turn, report }, facts);
    case 'silent':
      return before.trial === task ? quietly({ ...before, trial: undefined }) : quietly(before);
  }
}

/**
 * Lets `task` try a half-open account, if no other task is at it. Whoever wants to work looks afterwards with
 * `mayUse`.
 */
export function takeTrial(before: AccountStanding, task: TaskId, facts: AccountFacts): AccountChange {
  const isFree = before.trial === undefined || !facts.trialIsActive;
  if (phaseOf(before, facts.now) !== 'half-open' || before.trial === task || !isFree) return quietly(before);
  return quietly({ ...before, trial: task });
}

export function mayUse(standing: AccountStanding, task: TaskId): boolean {
  return standing.cause === undefined || standing.trial === task;
}

/** A person says that it works again. */
export function resume(before: AccountStanding): AccountChange {
  return before.cause === undefined && before.failures === 0 ? quietly(before) : close(before);
}

/** The next task may try it at once, without waiting for the pause to end. */
export function tryAgain(before: AccountStanding, { now }: AccountFacts): AccountChange {
  return phaseOf(before, now) === 'open' ? quietly({ ...before, until: now }) : quietly(before);
}

function quietly(standing: AccountStanding): AccountChange {
  return { standing, events: [] };
}

function close(before: AccountStanding): AccountChange {
  const { account, cause } = before;
  const events: AccountEvent[] = cause === undefined ? [] : [{ type: 'provider.closed', provider: account }];
  return { standing: healthy(account), events };
}

/** A turn that began before a limit or a refusal says nothing about what came after. */
function worked(before: AccountStanding, task: TaskId): AccountChange {
  if (before.cause === undefined) return before.failures === 0 ? quietly(before) : close(before);
  return before.cause === 'failing' || before.trial === task ? close(before) : quietly(before);
}

function failed(
  before: AccountStanding,
  { task, policy, reason }: { task: TaskId; policy: BreakerPolicy; reason: string },
  { now }: AccountFacts,
): AccountChange {
  const failures = before.failures + 1;
  const trial = before.trial === task ? undefined : before.trial;
  // Those that were at work when it opened fail after it: that is no news.
  if (phaseOf(before, now) === 'open') return quietly({ ...before, failures, trial });
  if (before.cause === undefined && failures < policy.failures) return quietly({ ...before, failures });
  const opens = before.opens + 1;
  const pause = Math.min(policy.maxPauseMs, policy.pauseMs * 2 ** (opens - 1));
  return open({ ...before, failures, opens, cause: 'failing', until: now + pause, reason });
}

function limited(
  before: AccountStanding,
  turn: { task: TaskId; policy: BreakerPolicy; report: Extract<TurnReport, { kind: 'limited' }> },
  { now }: AccountFacts,
): AccountChange {
  const { policy, report, task } = turn;
  const { limitMs, spreadMs, random } = policy;
  const announced = report.until ?? now + limitMs / 2;
  const spread = report.until === undefined ? limitMs / 2 : spreadMs;
  const trial = before.trial === task ? undefined : before.trial;
  // One wake-up: tasks that met the same limit do not move it.
  if (phaseOf(before, now) === 'open' && before.until >= announced) return quietly({ ...before, trial });
  const until = Math.round(Math.max(announced, now) + spread * random);
  const { reason } = report;
  return {
    standing: { ...before, cause: 'limited', until, reason, trial: undefined },
    events: [{ type: 'provider.limited', provider: before.account, until, reason }],
  };
}

function refused(
  before: AccountStanding,
  turn: { task: TaskId; policy: BreakerPolicy; report: Extract<TurnReport, { kind: 'refused' }> },
  { now }: AccountFacts,
): AccountChange {
  const { policy, report, task } = turn;
  const { cause, reason } = report;
  const failures = before.failures + 1;
  if (phaseOf(before, now) === 'open' && before.cause === cause) {
    return quietly({ ...before, failures, trial: before.trial === task ? undefined : before.trial });
  }
  const until = now + policy.maxPauseMs;
  return open({ ...before, failures, opens: before.opens + 1, cause, until, reason });
}

function open(standing: Omit<AccountStanding, 'trial' | 'cause'> & { cause: AccountCause }): AccountChange {
  const { account: provider, cause, until, failures, reason } = standing;
  if (cause === 'limited') throw new Error('A limit is no failure');
  return {
    standing: { ...standing, trial: undefined },
    events: [{ type: 'provider.opened', provider, cause, until, failures, reason }],
  };
}
