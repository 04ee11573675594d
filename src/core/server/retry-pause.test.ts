import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failuresInRow, retryPauseMs } from './retry-pause.ts';

test('a project that fails again and again is tried ever more seldom, once a minute in the end', () => {
  const pauses = [1, 2, 3, 6, 7, 8, 100].map((failures) => retryPauseMs(failures));
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
});

test('a failure after a minute of work counts as the first', () => {
  assert.equal(failuresInRow(5, 59_999), 6);
  assert.equal(failuresInRow(5, 60_000), 1);
});
