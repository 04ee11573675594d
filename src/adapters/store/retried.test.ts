import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseMs } from './retried.ts';

test('S3-54 whoever waits for a lock asks as soon the hundredth time as the first', () => {
  for (const random of [0, 0.5, 0.99]) {
    const pauses = [1, 2, 10, 100].map((attempt) => pauseMs({ kind: 'again' }, attempt, random));
    assert.deepEqual(new Set(pauses).size, 1);
    assert.ok((pauses[0] ?? 0) >= 1 && (pauses[0] ?? 0) < 10);
  }
});

test('a database that is gone is asked ever more rarely, but four times a second at least', () => {
  const pauses = [1, 2, 3, 4].map((attempt) => pauseMs({ kind: 'disconnected' }, attempt, 0.5));
  assert.deepEqual(
    pauses,
    pauses.toSorted((a, b) => a - b),
  );
  assert.ok((pauses[0] ?? 0) < (pauses[3] ?? 0));
  assert.equal(pauseMs({ kind: 'disconnected' }, 1_000, 1), 251);
});
