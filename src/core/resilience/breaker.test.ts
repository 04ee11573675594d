import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TaskId } from '../ids.ts';
import {
  type AccountEvent,
  type AccountStanding,
  afterTurn,
  type BreakerPolicy,
  healthy,
  mayUse,
  phaseOf,
  resume,
  type TurnReport,
  takeTrial,
  tryAgain,
} from './breaker.ts';

const policy: BreakerPolicy = {
  failures: 3,
  pauseMs: 1_000,
  maxPauseMs: 6_000,
  limitMs: 10_000,
  spreadMs: 500,
  random: 0.5,
};
const a = 'a' as TaskId;
const b = 'b' as TaskId;
const failed: TurnReport = { kind: 'failed', reason: 'no answer' };
const worked: TurnReport = { kind: 'worked' };

/** An account, a clock, and what happened to it. */
class Account {
  standing: AccountStanding = healthy('claude');
  now = 100_000;
  readonly events: AccountEvent[] = [];

  turn(report: TurnReport, task: TaskId = a): this {
    const change = afterTurn(this.standing, { task, report, policy }, { now: this.now, trialIsActive: true });
    this.standing = change.standing;
    this.events.push(...change.events);
    return this;
  }

  tries(task: TaskId, trialIsActive = true): boolean {
    this.standing = takeTrial(this.standing, task, { now: this.now, trialIsActive }).standing;
    return mayUse(this.standing, task);
  }

  get phase(): string {
    return phaseOf(this.standing, this.now);
  }

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }
}

test('S3-58 so many failures in a row open it, and a success in between starts the count anew', () => {
  const account = new Account().turn(failed).turn(failed).turn(worked).turn(failed).turn(failed);
  assert.equal(account.phase, 'closed');
  account.turn(failed);
  assert.equal(account.phase, 'open');
  assert.deepEqual(account.events, [
    {
      type: 'provider.opened',
      provider: 'claude',
      cause: 'failing',
      until: 101_000,
      failures: 3,
      reason: 'no answer',
    },
  ]);
});

test('S3-59 after its pause one task tries it; when that works it is closed again', () => {
  const account = new Account().turn(failed).turn(failed).turn(failed);
  assert.equal(account.tries(a), false);
  account.now += 1_000;
  assert.equal(account.phase, 'half-open');
  assert.equal(account.tries(a), true);
  assert.equal(account.tries(b), false);
  account.turn(worked, a);
  assert.deepEqual(account.standing, healthy('claude'));
  assert.deepEqual(account.types, ['provider.opened', 'provider.closed']);
});

test('S3-59 a trial that fails opens it again for twice as long, up to the longest pause', () => {
  const account = new Account().turn(failed).turn(failed).turn(failed);
  const pauses = [];
  for (let trial = 0; trial < 5; trial += 1) {
    pauses.push(account.standing.until - account.now);
    account.now = account.standing.until;
    assert.ok(account.tries(a));
    account.turn(failed, a);
  }
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 6_000, 6_000]);
});

test('a trial whose task is in nobody’s hands any more, or that ended without a word, is free for the next', () => {
  const account = new Account().turn(failed).turn(failed).turn(failed);
  account.now += 1_000;
  assert.ok(account.tries(a));
  assert.ok(account.tries(b, false));
  assert.ok(!account.tries(a));
  account.turn({ kind: 'silent' }, b);
  assert.ok(account.tries(a));
});

test('what was at work when it opened changes nothing by failing, and closes it by working', () => {
  const account = new Account().turn(failed).turn(failed).turn(failed);
  const { until } = account.standing;
  account.now += 500;
  account.turn(failed, b);
  assert.equal(account.standing.until, until);
  account.turn(worked, b);
  assert.equal(account.phase, 'closed');
});

test('S3-60 a limit lasts until its time, a little spread, and those who meet it together do not move it', () => {
  const account = new Account();
  const limited: TurnReport = { kind: 'limited', until: 160_000, reason: 'come back later' };
  account.turn(limited, a).turn(limited, b);
  assert.deepEqual(account.events, [
    { type: 'provider.limited', provider: 'claude', until: 160_250, reason: 'come back later' },
  ]);
  assert.equal(account.standing.failures, 0);
  // A turn that began before the limit is no proof that it is over.
  account.turn(worked, b);
  assert.equal(account.phase, 'open');
  account.now = 160_250;
  assert.deepEqual([account.tries(a), account.tries(b)], [true, false]);
  assert.equal(account.turn(worked, a).phase, 'closed');
});

test('a limit without a time lasts between half of and the whole longest delay', () => {
  const account = new Account().turn({ kind: 'limited', until: undefined, reason: 'too many' });
  assert.equal(account.standing.until, 107_500);
  account.turn({ kind: 'limited', until: undefined, reason: 'too many' }, b);
  assert.equal(account.events.length, 1);
});

test('a refused credential cuts it off at once, until a person says that it works or a new run tries it', () => {
  const account = new Account().turn({ kind: 'refused', cause: 'auth', reason: 'Not logged in' });
  assert.equal(account.standing.until, 106_000);
  assert.equal(account.tries(a), false);
  const soon = tryAgain(account.standing, { now: account.now, trialIsActive: false }).standing;
  assert.equal(phaseOf(soon, account.now), 'half-open');
  const resumed = resume(account.standing);
  assert.deepEqual(resumed.standing, healthy('claude'));
  assert.deepEqual(resumed.events, [{ type: 'provider.closed', provider: 'claude' }]);
  assert.deepEqual(resume(healthy('claude')).events, []);
});

const reports = fc.oneof(
  fc.constant<TurnReport>(worked),
  fc.constant<TurnReport>(failed),
  fc.constant<TurnReport>({ kind: 'silent' }),
  fc
    .integer({ min: 0, max: 5_000 })
    .map((ms): TurnReport => ({ kind: 'limited', until: 100_000 + ms, reason: '' })),
  fc.constant<TurnReport>({ kind: 'refused', cause: 'billing', reason: 'no credit' }),
);

test('S3-59 in any history at most one task uses an account that is cut off, and its events tell how it stands', () => {
  const steps = fc.array(
    fc.record({ task: fc.constantFrom(a, b), report: reports, passes: fc.integer({ min: 0, max: 3_000 }) }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(steps, (history) => {
      const account = new Account();
      for (const { task, report, passes } of history) {
        account.now += passes;
        const users = [a, b].filter((each) => account.tries(each));
        if (account.standing.cause !== undefined) assert.ok(users.length <= 1);
        if (account.phase === 'open') assert.equal(users.length, 0);
        account.turn(report, task);
        const last = account.types.at(-1);
        assert.equal(account.standing.cause === undefined, last === undefined || last === 'provider.closed');
      }
    }),
  );
});
