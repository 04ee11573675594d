import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localDay, reachedBudget } from './budget.ts';

test('a budget is reached when all of it is spent, the one of the run before the one of the day', () => {
  const budget = { runUsd: 2, dayUsd: 5 };
  assert.equal(reachedBudget(budget, { runUsd: 1.99, dayUsd: 4.99 }), undefined);
  assert.deepEqual(reachedBudget(budget, { runUsd: 2, dayUsd: 6 }), {
    scope: 'run',
    limitUsd: 2,
    spentUsd: 2,
  });
  assert.deepEqual(reachedBudget(budget, { runUsd: 0, dayUsd: 6 }), {
    scope: 'day',
    limitUsd: 5,
    spentUsd: 6,
  });
  assert.equal(reachedBudget({}, { runUsd: 99, dayUsd: 99 }), undefined);
  assert.equal(reachedBudget({ runUsd: 0 }, { runUsd: 0, dayUsd: 0 })?.scope, 'run');
});

test('a day goes from midnight to midnight where people are, also when clocks change', () => {
  const at = (text: string) => Date.parse(text);
  const day = (now: string, zone: string) => {
    const { from, until } = localDay(at(now), zone);
    return [new Date(from).toISOString(), new Date(until).toISOString()];
  };
  assert.deepEqual(day('2026-11-21T12:00:00Z', 'UTC'), [
    '2026-11-21T00:00:00.000Z',
    '2026-11-22T00:00:00.000Z',
  ]);
  assert.deepEqual(day('2026-11-21T00:00:00Z', 'UTC'), [
    '2026-11-21T00:00:00.000Z',
    '2026-11-22T00:00:00.000Z',
  ]);
  assert.deepEqual(day('2026-11-20T20:00:00Z', 'Asia/Kathmandu'), [
    '2026-11-20T18:15:00.000Z',
    '2026-11-21T18:15:00.000Z',
  ]);
  // 25 hours in autumn, 23 in spring.
  assert.deepEqual(day('2026-10-25T12:00:00Z', 'Europe/Berlin'), [
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
  ]);
  assert.deepEqual(day('2026-03-29T12:00:00Z', 'Europe/Berlin'), [
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
  ]);
});
