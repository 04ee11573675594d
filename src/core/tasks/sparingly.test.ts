import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sparingly } from './sparingly.ts';

function counting(tookMs: number) {
  const time = { now: 0, asked: 0 };
  const ask = sparingly(
    async () => {
      time.asked += 1;
      time.now += tookMs;
      return time.asked;
    },
    { steady: () => time.now },
  );
  return { time, ask };
}

test('what is cheap is asked every time', async () => {
  const { ask } = counting(1);
  assert.deepEqual([await ask(), await ask(), await ask()], [1, 2, 3]);
});

test('what is dear is asked for a tenth of the time at most', async () => {
  const { ask, time } = counting(100);
  assert.deepEqual([await ask(), await ask()], [1, 1]);
  time.now += 999;
  assert.equal(await ask(), 1);
  time.now += 1;
  assert.equal(await ask(), 2);
});
