import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Following,
  type FollowSettings,
  glanced,
  glanceEveryMs,
  lookedAt,
  nextStep,
  strongest,
} from './following.ts';

const WATCH: FollowSettings = {
  sync: 'watch',
  debounceMs: 2_000,
  stabilityMs: 500,
  pollMs: 10_000,
  safetyMs: 60_000,
};
const POLL: FollowSettings = { ...WATCH, sync: 'poll' };
const still: Following = {
  looked: 'one',
  stamp: 'one',
  editedAt: undefined,
  glanceAt: 60_000,
  isBehind: false,
};

test('S0-08 an edit is read when it has rested for the debounce time, and each edit restarts that', () => {
  const first = glanced(still, { stamp: 'two', now: 1_000 }, WATCH);
  assert.deepEqual(nextStep(first, 1_000, WATCH), { kind: 'glance', inMs: 100 });
  assert.deepEqual(nextStep(first, 2_999, WATCH), { kind: 'glance', inMs: 1 });
  assert.deepEqual(nextStep(first, 3_000, WATCH), { kind: 'look' });
  const second = glanced(first, { stamp: 'three', now: 2_900 }, WATCH);
  assert.deepEqual(nextStep(second, 3_000, WATCH), { kind: 'glance', inMs: 100 });
  assert.deepEqual(nextStep(second, 4_900, WATCH), { kind: 'look' });
});

test('S0-07 a debounce that is shorter than the time to rest does not shorten that', () => {
  const edited = glanced(still, { stamp: 'two', now: 0 }, { ...WATCH, debounceMs: 0 });
  assert.deepEqual(nextStep(edited, 499, { ...WATCH, debounceMs: 0 }), { kind: 'glance', inMs: 1 });
  // Two writes within one tick of the file system's clock have one stamp.
  const hasty = { ...WATCH, debounceMs: 0, stabilityMs: 0 };
  assert.deepEqual(nextStep(edited, 5, hasty), { kind: 'glance', inMs: 15 });
});

test('a glance that finds the stamp of before changes nothing', () => {
  assert.deepEqual(glanced(still, { stamp: 'one', now: 1_000 }, WATCH), still);
  assert.deepEqual(nextStep(still, 1_000, WATCH), { kind: 'glance', inMs: 59_000 });
});

test('S0-57 what could not be used is read again at the next glance that is due, and not before', () => {
  const behind = lookedAt(still, { stamp: 'one', isBehind: true, now: 1_000 });
  assert.deepEqual(nextStep(glanced(behind, { stamp: 'one', now: 30_000 }, WATCH), 59_999, WATCH), {
    kind: 'glance',
    inMs: 1,
  });
  const due = glanced(behind, { stamp: 'one', now: 60_000 }, WATCH);
  assert.deepEqual([due.editedAt, due.glanceAt], [60_000, 120_000]);
});

test('a file that changed while it was read is glanced at once more, at once', () => {
  const looked = lookedAt(still, { stamp: 'two', isBehind: false, now: 5_000 });
  assert.deepEqual(nextStep(looked, 5_000, WATCH), { kind: 'glance', inMs: 0 });
  const newer = glanced(looked, { stamp: 'three', now: 5_000 }, WATCH);
  assert.deepEqual(nextStep(newer, 7_000, WATCH), { kind: 'look' });
});

test('S0-27 S0-28 a poll finds an edit and sees it rest within its interval; S0-33 a watch looks once a minute', () => {
  assert.equal(glanceEveryMs(POLL) + POLL.stabilityMs, POLL.pollMs);
  assert.equal(glanceEveryMs({ ...POLL, pollMs: 600 }), 300);
  assert.equal(glanceEveryMs({ ...POLL, pollMs: 600_000 }), 60_000);
  assert.equal(glanceEveryMs(WATCH), 60_000);
});

test('of several reasons the one that says most is told', () => {
  assert.equal(strongest(new Set(['safety', 'edit', 'task-done'])), 'edit');
  assert.equal(strongest(new Set(['start', 'confirm'])), 'confirm');
  assert.equal(strongest(new Set()), 'safety');
});
