import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from './slots.ts';

const NEVER = new AbortController().signal;

test('S3-39 who answers works in the slot of who waits, and nobody else waits for it', async () => {
  const slots = new Slots();
  const end = slots.take();
  assert.equal(slots.freeFor(2), 1);
  const waiting = slots.lend();
  const advising = await slots.advise(2, NEVER);
  assert.ok(advising);
  assert.deepEqual([slots.taken, slots.freeFor(2)], [1, 1]);
  // The asker gives its slot back while the answer is still looked for.
  waiting[Symbol.dispose]();
  end();
  assert.deepEqual([slots.taken, slots.freeFor(2)], [1, 1]);
  advising[Symbol.dispose]();
  assert.equal(slots.freeFor(2), 2);
});

test('with nobody waiting, the adviser gets the next slot that is free before any attempt', async () => {
  const slots = new Slots();
  const ends = [slots.take(), slots.take()];
  const asked = slots.advise(2, NEVER);
  ends[0]?.();
  ends[0]?.();
  assert.equal(slots.freeFor(2), 0, 'it is kept for the adviser');
  const advising = await asked;
  assert.deepEqual([slots.taken, slots.freeFor(2)], [2, 0]);
  advising?.[Symbol.dispose]();
  assert.equal(slots.freeFor(2), 1);
});

test('an adviser that is called off takes no slot', async () => {
  const slots = new Slots();
  slots.take();
  const control = new AbortController();
  const asked = slots.advise(1, control.signal);
  control.abort();
  assert.deepEqual([await asked, slots.taken, slots.freeFor(2)], [undefined, 1, 1]);
});
