import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailedTurn, RetryPolicy } from './retry.ts';
import { afterFailure, backoffMs } from './retry.ts';

const policy: RetryPolicy = {
  failures: 1,
  maxAttempts: 3,
  baseMs: 1_000,
  maxMs: 60_000,
  random: () => 0.5,
  isTrial: false,
  earlier: [],
};
const passing: FailedTurn[] = [
  { kind: 'transient', reason: 'overloaded' },
  { kind: 'stalled', reason: 'silent', limit: 'silenceMs' },
  { kind: 'killed', reason: 'SIGKILL', byUs: false },
];

test('S3-56 what may pass is tried again in the same session, after a delay that doubles and is jittered', () => {
  for (const outcome of passing) {
    assert.deepEqual(afterFailure(outcome, policy), { kind: 'retry', delayMs: 500, session: 'same' });
    assert.deepEqual(afterFailure(outcome, { ...policy, failures: 2 }), {
      kind: 'retry',
      delayMs: 1_000,
      session: 'same',
    });
  }
  assert.equal(backoffMs({ ...policy, failures: 30 }), 30_000);
  assert.equal(backoffMs({ ...policy, random: () => 0 }), 0);
});

test('the last attempt is not tried again', () => {
  for (const outcome of passing)
    assert.deepEqual(afterFailure(outcome, { ...policy, failures: 3 }), { kind: 'fail' });
});

test('S3-57 a refused request and a spent budget are never tried again', () => {
  const needing: FailedTurn[] = [
    { kind: 'permanent', reason: 'r', cause: 'request' },
    { kind: 'permanent', reason: 'r', cause: 'config' },
    { kind: 'permanent', reason: 'r', cause: 'missing_cli' },
    { kind: 'budget', reason: 'r' },
  ];
  for (const outcome of needing) assert.deepEqual(afterFailure(outcome, policy), { kind: 'fail' });
});

test('S3-60 what is the fault of the account is not charged to the task, however often it failed', () => {
  const accounts: FailedTurn[] = [
    { kind: 'rate_limited', reason: 'r', until: 5_000_000 },
    { kind: 'auth', reason: 'r' },
    { kind: 'permanent', reason: 'r', cause: 'billing' },
    { kind: 'killed', reason: 'r', byUs: true },
  ];
  for (const outcome of accounts) {
    assert.deepEqual(afterFailure(outcome, { ...policy, failures: 9 }), { kind: 'release' });
  }
});

test('a trial that shows the service still down is not charged; one that only stalls is', () => {
  const down: FailedTurn = { kind: 'transient', reason: '503' };
  assert.deepEqual(afterFailure(down, { ...policy, isTrial: true, failures: 9 }), { kind: 'release' });
  const unknown: FailedTurn = { ...down, recognised: false };
  assert.equal(afterFailure(unknown, { ...policy, isTrial: true }).kind, 'retry');
  const stalled: FailedTurn = { kind: 'stalled', reason: 'silent', limit: 'silenceMs' };
  assert.deepEqual(afterFailure(stalled, { ...policy, isTrial: true, failures: 3 }), { kind: 'fail' });
});

test('S3-57 a text that nobody knows passes once, and is permanent when it comes again', () => {
  const unknown: FailedTurn = {
    kind: 'transient',
    reason: 'Request 7f3a11 met a gremlin',
    recognised: false,
  };
  assert.equal(afterFailure(unknown, policy).kind, 'retry');
  const again = { ...policy, failures: 2, earlier: ['Request 90b2c4 met a gremlin'] };
  assert.deepEqual(afterFailure(unknown, again), { kind: 'fail' });
  assert.equal(afterFailure(unknown, { ...again, earlier: ['529 overloaded'] }).kind, 'retry');
  assert.equal(afterFailure({ kind: 'transient', reason: unknown.reason }, again).kind, 'retry');
});

test('a full context goes on in a new session', () => {
  assert.deepEqual(afterFailure({ kind: 'context_limit', reason: 'r' }, policy), {
    kind: 'retry',
    delayMs: 500,
    session: 'new',
  });
});
