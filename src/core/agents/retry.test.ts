import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailedTurn, RetryPolicy } from './retry.ts';
import { afterFailure, backoffMs } from './retry.ts';

const policy: RetryPolicy = {
  failures: 1,
  maxAttempts: 3,
  baseMs: 1_000,
  maxMs: 60_000,
  now: 1_000_000,
  random: () => 0.5,
};
const passing: FailedTurn[] = [
  { kind: 'transient', reason: 'overloaded' },
  { kind: 'stalled', reason: 'silent', limit: 'silenceMs' },
  { kind: 'killed', reason: 'SIGKILL', byUs: false },
];

test('S3-56 what may pass is tried again in the same session, after a delay that doubles and is jittered', () => {
  for (const outcome of passing) {
    assert.deepEqual(afterFailure(outcome, policy), { kind: 'retry', at: 1_000_500, session: 'same' });
    assert.deepEqual(afterFailure(outcome, { ...policy, failures: 2 }), {
      kind: 'retry',
      at: 1_001_000,
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

test('S3-57 what needs a person is never tried again', () => {
  const needing: FailedTurn[] = [
    { kind: 'auth', reason: 'r' },
    { kind: 'permanent', reason: 'r', cause: 'billing' },
    { kind: 'budget', reason: 'r' },
  ];
  for (const outcome of needing) assert.deepEqual(afterFailure(outcome, policy), { kind: 'fail' });
});

test('S3-60 a rate limit parks the provider until its reset, however often the task failed', () => {
  const limited: FailedTurn = { kind: 'rate_limited', reason: 'r', until: 5_000_000 };
  assert.deepEqual(afterFailure(limited, { ...policy, failures: 9 }), { kind: 'park', until: 5_000_500 });
  const past: FailedTurn = { ...limited, until: 1 };
  assert.deepEqual(afterFailure(past, policy), { kind: 'park', until: 1_000_500 });
  const unknown: FailedTurn = { kind: 'rate_limited', reason: 'r' };
  assert.deepEqual(afterFailure(unknown, policy), { kind: 'park', until: 1_045_000 });
});

test('a full context goes on in a new session, and a stop of ours at once', () => {
  assert.deepEqual(afterFailure({ kind: 'context_limit', reason: 'r' }, policy), {
    kind: 'retry',
    at: 1_000_500,
    session: 'new',
  });
  assert.deepEqual(afterFailure({ kind: 'killed', reason: 'r', byUs: true }, { ...policy, failures: 9 }), {
    kind: 'retry',
    at: 1_000_000,
    session: 'same',
  });
});
