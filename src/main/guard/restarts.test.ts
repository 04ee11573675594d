import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restartPauseMs, serverRestartPauseMs } from './restarts.ts';

const every = (ms: number, count: number) => Array.from({ length: count }, (_, index) => index * ms);

test('after a crash the next start waits longer each time', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((count) => restartPauseMs(every(10, count))),
    [100, 200, 400, 800, 1_600],
  );
});

test('five crashes within a minute are survived, the sixth is the end', () => {
  assert.notEqual(restartPauseMs(every(1_000, 5)), undefined);
  assert.equal(restartPauseMs(every(1_000, 6)), undefined);
});

test('crashes that lie further back do not count', () => {
  assert.equal(restartPauseMs(every(20_000, 100)), 400);
  assert.equal(restartPauseMs(every(60_000, 100)), 100);
});

test('a server is started again however often it crashes, once a minute in the end', () => {
  assert.deepEqual(
    [1, 2, 5, 10, 11, 500].map((count) => serverRestartPauseMs(every(10, count))),
    [100, 200, 1_600, 51_200, 60_000, 60_000],
  );
  assert.equal(serverRestartPauseMs(every(600_000, 50)), 100);
});
