import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TurnOutcome } from '../agents/outcome.ts';
import { endingLine, SaidTail } from './ending-line.ts';

const success = (text: string): TurnOutcome => ({ kind: 'success', text });

function tailOf(...texts: readonly string[]): SaidTail {
  const said = new SaidTail();
  for (const text of texts) said.add(text);
  return said;
}

test('an answer that repeats what was just said is not logged again, also when it was said in pieces', () => {
  assert.equal(endingLine(success('It works.'), tailOf('Looking.', 'It', ' works.')), '[success]');
  assert.equal(endingLine(success('Looking.\n\nIt works.\n'), tailOf('Looking.', 'It works.')), '[success]');
});

test('an answer that was not said, or not last, is logged', () => {
  assert.equal(endingLine(success('It works.'), tailOf('It works.', 'Bye.')), '[success] It works.');
  assert.equal(endingLine(success('It works.'), tailOf()), '[success] It works.');
});

test('long texts are told apart by their ends', () => {
  const long = 'all of it, '.repeat(10_000);
  assert.equal(endingLine(success(`${long}done`), tailOf(`${long}done`)), '[success]');
  assert.match(endingLine(success(`${long}done`), tailOf(`${long}failed`)), /^\[success\] all of it/);
});

test('a failure says why, whatever was said', () => {
  const outcome: TurnOutcome = { kind: 'transient', reason: 'overloaded' };
  assert.equal(endingLine(outcome, tailOf('overloaded')), '[transient] overloaded');
});
