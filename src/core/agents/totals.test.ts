import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPriced, usageSince } from './totals.ts';

const totals = (inputTokens: number, outputTokens: number, cachedTokens = 0, costUsd = 0) => ({
  inputTokens,
  outputTokens,
  cachedTokens,
  costUsd,
});

test('what a turn used is what the session has more than before', () => {
  assert.deepEqual(usageSince(totals(10, 5, 2, 0.5), totals(30, 6, 12, 0.75)), totals(20, 1, 10, 0.25));
});

test('a session that counts from zero again is taken as it is', () => {
  assert.deepEqual(usageSince(totals(100, 50, 20, 2), totals(30, 60, 5, 0.5)), totals(30, 60, 5, 0.5));
});

test('a price or a cache that fell does not make used tokens count twice', () => {
  assert.deepEqual(usageSince(totals(100, 50, 20, 2), totals(110, 60, 15, 0)), totals(10, 10, 10, 0));
});

test('no price is not a price of nothing', () => {
  assert.equal(isPriced(totals(10, 5)), false);
  assert.equal(isPriced(totals(10, 5, 0, 0.1)), true);
  assert.equal(isPriced({ ...totals(0, 0), priced: true }), true);
  assert.equal(isPriced({ ...totals(10, 5), priced: false }), false);
});
