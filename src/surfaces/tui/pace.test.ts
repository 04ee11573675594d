import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../core/ports.ts';
import { Pace } from './pace.ts';

/** Sleeps take no time but their own, and are noted; one may be cut short by `meanwhile`. */
function makeClock(): Clock & { slept: number[]; meanwhile: () => void } {
  const clock = {
    slept: [] as number[],
    meanwhile: () => {},
    time: 0,
    now: () => clock.time,
    steady: () => clock.time,
    sleep: async (ms: number, signal?: AbortSignal) => {
      if (signal?.aborted === true) return;
      const { meanwhile } = clock;
      clock.meanwhile = () => {};
      meanwhile();
      const isCut = (): boolean => signal?.aborted === true;
      const slept = isCut() ? 2 : ms;
      clock.slept.push(slept);
      clock.time += slept;
    },
  };
  return clock;
}

const never = new AbortController().signal;

test('S3-49 frames come 30 times a second at most', async () => {
  const clock = makeClock();
  const pace = new Pace(clock);
  await pace.due(never);
  assert.deepEqual(clock.slept, []);
  pace.painted();
  await pace.due(never);
  assert.deepEqual(clock.slept, [33]);
});

test('S3-49 what a person does is shown within 8 ms of the last frame, also when it comes while one waits', async () => {
  const clock = makeClock();
  const pace = new Pace(clock);
  pace.painted();
  pace.hurry();
  await pace.due(never);
  assert.deepEqual(clock.slept, [8]);
  pace.painted();
  clock.meanwhile = () => pace.hurry();
  await pace.due(never);
  assert.deepEqual(clock.slept, [8, 2, 6]);
});
