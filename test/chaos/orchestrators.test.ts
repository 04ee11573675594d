import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staleFacts, takeoversOfPlan, wakeupsOfPlan } from '../../chaos/orchestrators.ts';
import type { LoggedEvent } from '../../src/core/events/event.ts';
import { taskId } from '../../src/core/ids.ts';

test('S0-41 S2-57 S3-68 the tasks of an orchestrator that is cut off run elsewhere', async () => {
  const lease = { leaseMs: 1_000, heartbeatMs: 300 };
  const { tookMs, wrong } = await takeoversOfPlan({
    database: undefined,
    harm: 'cut off',
    most: 1,
    seed: 1,
    lease,
  });
  assert.deepEqual(wrong, []);
  assert.equal(tookMs.filter((ms) => Number.isFinite(ms)).length, 1);
});

test('S0-58 orchestrators that are stopped past their lease and wake up change nothing any more', async () => {
  const { woken, stale, wrong } = await wakeupsOfPlan({ database: undefined, most: 2, seed: 1 });
  assert.deepEqual(wrong, []);
  assert.ok(woken >= 2);
  assert.equal(stale, 0);
});

test('a fact that comes after its task was taken away is counted as stale', () => {
  const task = taskId.parse('a');
  const claimed = (seq: number, attempt: number) => ({
    seq,
    at: 0,
    type: 'task.claimed' as const,
    task,
    attempt,
    fence: attempt,
    orchestrator: 'orc',
  });
  const done = (seq: number, attempt: number) => ({
    seq,
    at: 0,
    type: 'task.done' as const,
    task,
    attempt,
    commit: undefined,
    summary: '',
  });
  const released: LoggedEvent = { seq: 2, at: 0, type: 'task.released', task, attempt: 1, reason: '' };
  assert.equal(staleFacts([claimed(1, 1), done(2, 1)]), 0);
  assert.equal(staleFacts([claimed(1, 1), released, done(3, 1)]), 1);
  assert.equal(staleFacts([claimed(1, 1), released, claimed(3, 2), done(4, 1), done(5, 2)]), 1);
});
