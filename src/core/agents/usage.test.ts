import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UsageSum } from './history.ts';
import { byDay, NO_USAGE } from './usage.ts';

test('quarters of an hour become days where the reader is', () => {
  const sum = (costUsd: number): UsageSum => ({ ...NO_USAGE, turns: 1, costUsd });
  const quarters = [
    { key: '0', ...sum(1) },
    { key: '900000', ...sum(2) },
    { key: '1800000', ...sum(4) },
  ];
  const rows = byDay(quarters, (at) => (at < 1_000_000 ? 'one' : 'two'));
  assert.deepEqual(rows, [
    { key: 'one', ...sum(3), turns: 2 },
    { key: 'two', ...sum(4) },
  ]);
});
