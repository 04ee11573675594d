import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TurnOutcome } from '../agents/outcome.ts';
import { reportOf } from './turn-report.ts';

const kinds = (outcomes: readonly TurnOutcome[]) => outcomes.map((outcome) => reportOf(outcome).kind);

test('S3-58 no answer and an answer of failure count against the account', () => {
  assert.deepEqual(
    kinds([
      { kind: 'transient', reason: '529' },
      { kind: 'stalled', reason: 'silent', limit: 'firstOutputMs' },
      { kind: 'stalled', reason: 'silent', limit: 'silenceMs' },
    ]),
    ['failed', 'failed', 'failed'],
  );
});

test('S3-60 what a task or we ourselves did wrong never counts against it', () => {
  const innocent: TurnOutcome[] = [
    { kind: 'killed', reason: 'stopped', byUs: true },
    { kind: 'killed', reason: 'SIGKILL', byUs: false },
    { kind: 'permanent', reason: '400', cause: 'request' },
    { kind: 'permanent', reason: 'bad flag', cause: 'config' },
    { kind: 'permanent', reason: 'not there', cause: 'missing_cli' },
    { kind: 'context_limit', reason: 'too long' },
    { kind: 'budget', reason: 'max turns' },
    { kind: 'stalled', reason: 'too much', limit: 'outputBytes' },
    { kind: 'stalled', reason: 'too long', limit: 'totalMs' },
  ];
  assert.deepEqual(new Set(kinds(innocent)), new Set(['silent']));
});

test('a refusal names its cause, a limit its time', () => {
  assert.deepEqual(reportOf({ kind: 'auth', reason: 'log in' }), {
    kind: 'refused',
    cause: 'auth',
    reason: 'log in',
  });
  assert.deepEqual(reportOf({ kind: 'permanent', cause: 'billing', reason: 'pay' }), {
    kind: 'refused',
    cause: 'billing',
    reason: 'pay',
  });
  assert.deepEqual(reportOf({ kind: 'rate_limited', reason: 'later', until: 7 }), {
    kind: 'limited',
    until: 7,
    reason: 'later',
  });
  assert.equal(reportOf({ kind: 'success', text: '' }).kind, 'worked');
});
