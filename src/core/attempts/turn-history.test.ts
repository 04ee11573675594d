import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TurnPart } from '../agents/turn.ts';
import type { TaskId } from '../ids.ts';
import type { Clock } from '../ports.ts';
import type { Store } from '../tasks/ports.ts';
import { Journal } from './journal.ts';
import { TurnHistory } from './turn-history.ts';

const CLOCK: Clock = { now: () => 7, steady: () => 7, sleep: async () => {} };
const LEASE = { task: 'a' as TaskId, attempt: 1, fence: 1 };

/** A journal with what reached its store; the first `failures` writes fail. */
function makeJournal(failures = 0): { journal: Journal; writes: TurnPart[][] } {
  const writes: TurnPart[][] = [];
  let left = failures;
  const append: Store['append'] = async (_lease, _events, turns = []) => {
    left -= 1;
    if (left >= 0) throw new Error('the disk is full');
    writes.push([...turns]);
    return { kind: 'recorded', seq: 1 };
  };
  // Of the store, a journal appends and nothing else.
  const journal = new Journal({ append } as Store, LEASE, { lost: () => {}, finishing: () => {} });
  return { journal, writes };
}

const historyOn = (journal: Journal, prompt = 'Do it') =>
  new TurnHistory({ journal, clock: CLOCK, step: 1, prompt });
const tool = { type: 'tool', name: 'shell', detail: 'ls', status: 'started' } as const;

test('what was said asks for no commit of its own, and a whole turn is one write', async () => {
  const { journal, writes } = makeJournal();
  const history = historyOn(journal);
  history.add({ type: 'text', text: 'one' });
  history.add({ type: 'text', text: 'two' });
  history.add(tool);
  history.end({ kind: 'success', text: 'made' });
  await Promise.resolve();
  assert.equal(writes.length, 0);
  await journal.commit();
  assert.equal(writes.length, 1);
  const [part, ...others] = writes[0] ?? [];
  assert.equal(others.length, 0);
  assert.deepEqual(part?.began, { at: 7, prompt: 'Do it' });
  assert.deepEqual(
    part?.entries.map((entry) => (entry.type === 'text' ? entry.text : entry.type)),
    ['one\ntwo', 'tool', 'outcome'],
  );
  assert.deepEqual(part?.ended, { at: 7, how: 'finished', answer: 'made', leftOut: 0 });
});

test('a commit that failed loses nothing of what was said', async () => {
  const { journal, writes } = makeJournal(1);
  const history = historyOn(journal);
  history.add({ type: 'text', text: 'one' });
  await assert.rejects(journal.commit(), /disk is full/);
  history.end({ kind: 'killed', byUs: true, reason: 'stopped' });
  await journal.commit();
  const entries = writes.flatMap((parts) => parts.flatMap((part) => part.entries.map(({ type }) => type)));
  assert.deepEqual(entries, ['text', 'outcome']);
});

test('parts of one turn that were committed apart stay in order', async () => {
  const { journal, writes } = makeJournal();
  const history = historyOn(journal);
  await journal.commit();
  for (const text of ['one', 'two', 'three']) {
    history.add({ type: 'text', text });
    await journal.commit();
  }
  history.end({ kind: 'success', text: '' });
  await journal.commit();
  const firsts = writes.flatMap((parts) => parts.map(({ first }) => first));
  assert.deepEqual(
    firsts,
    [...new Set(firsts)].toSorted((a, b) => a - b),
  );
});

test('a turn keeps at most 2,000 entries, counts the rest, and always its end', async () => {
  const { journal, writes } = makeJournal();
  const history = historyOn(journal);
  for (let index = 0; index < 2_500; index += 1) history.add(tool);
  history.end({ kind: 'success', text: 'made' });
  await journal.commit();
  const [part] = writes[0] ?? [];
  assert.equal(part?.entries.length, 2_001);
  assert.equal(part?.entries.at(-1)?.type, 'outcome');
  assert.equal(part?.ended?.leftOut, 500);
});

test('a turn keeps at most a mebibyte of text', async () => {
  const { journal, writes } = makeJournal();
  const history = historyOn(journal, 'p'.repeat(1_000_000));
  for (let index = 0; index < 20; index += 1) history.add({ type: 'text', text: 'x'.repeat(100_000) });
  history.end({ kind: 'success', text: 'y'.repeat(1_000_000) });
  await journal.commit();
  const [part] = writes[0] ?? [];
  assert.ok(JSON.stringify(part).length < 1_048_576 + 262_144 + 100_000 + 1_000);
  assert.equal(part?.ended?.leftOut, 9);
});
