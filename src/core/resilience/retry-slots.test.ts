import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { retrySlot, withSlot } from './retry-slots.ts';

/** Gives every retry its time, in the order in which they ask. */
function plan(
  asked: readonly { readonly after: number; readonly delay: number }[],
  perMinute: number,
): number[] {
  let now = 1_000_000;
  let taken: number[] = [];
  return asked.map(({ after, delay }) => {
    now += after;
    const at = retrySlot(taken, now + delay, perMinute);
    assert.ok(at >= now + delay);
    taken = withSlot(taken, at, now);
    return at;
  });
}

/** The most that any minute holds. */
function fullest(times: readonly number[]): number {
  const sorted = times.toSorted((x, y) => x - y);
  return Math.max(
    0,
    ...sorted.map((first) => sorted.filter((at) => at >= first && at < first + 60_000).length),
  );
}

test('retries within the limit begin when they want to', () => {
  assert.deepEqual(
    plan(
      [
        { after: 0, delay: 5 },
        { after: 0, delay: 3 },
      ],
      2,
    ),
    [1_000_005, 1_000_003],
  );
  assert.equal(
    plan(
      [
        { after: 0, delay: 5 },
        { after: 0, delay: 3 },
        { after: 0, delay: 4 },
      ],
      2,
    )[2],
    1_060_003,
  );
});

test('S3-60 no minute holds more retries than allowed, whoever asks and whenever', () => {
  const asks = fc.array(fc.record({ after: fc.nat(40_000), delay: fc.oneof(fc.nat(10), fc.nat(120_000)) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(asks, fc.integer({ min: 1, max: 8 }), (asked, perMinute) => {
      assert.ok(fullest(plan(asked, perMinute)) <= perMinute);
    }),
  );
});

test('S3-60 a thousand tasks that fail at once come back no more than the limit at a time', () => {
  const random = fc.sample(fc.nat(2_000), { numRuns: 1_000, seed: 7 });
  const times = plan(
    random.map((delay) => ({ after: 0, delay })),
    30,
  );
  assert.equal(fullest(times), 30);
  const slots = Map.groupBy(times, (at) => Math.floor(at / 10));
  assert.ok([...slots.values()].every((slot) => slot.length <= 30));
  // None waits for longer than the limit makes it: 1,000 retries need 34 minutes.
  assert.ok(Math.max(...times) < 1_000_000 + 34 * 60_000);
});

test('times that no later retry shares a minute with are forgotten', () => {
  assert.deepEqual(withSlot([1, 40_000, 130_000], 90_000, 100_000), [90_000, 130_000]);
});
