import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepBothSides } from './resolve-conflict.ts';

const lines = (...each: readonly string[]): string => `${each.join('\n')}\n`;

test('both sides of a conflict stay, ours first, and every marker goes', () => {
  const marked = lines('a', '<<<<<<< cw/one', 'b', '=======', 'c', '>>>>>>> 1234567', 'd');
  assert.equal(keepBothSides(marked), lines('a', 'b', 'c', 'd'));
});

test('a line that both sides added is kept once', () => {
  const marked = lines('<<<<<<< ours', 'b', 'c', '=======', 'c', 'd', '>>>>>>> theirs');
  assert.equal(keepBothSides(marked), lines('b', 'c', 'd'));
});

test('an empty common ancestor is left out', () => {
  const marked = lines('<<<<<<< ours', 'b', '||||||| base', '=======', 'c', '>>>>>>> theirs');
  assert.equal(keepBothSides(marked), lines('b', 'c'));
});

test('lines that both sides changed are not guessed at', () => {
  const marked = lines('<<<<<<< ours', 'b', '||||||| base', 'a', '=======', 'c', '>>>>>>> theirs');
  assert.throws(() => keepBothSides(marked), /changed the same lines/);
});

test('every conflict of a file is resolved', () => {
  const one = ['<<<<<<< ours', 'b', '=======', 'c', '>>>>>>> theirs'];
  assert.equal(keepBothSides(lines(...one, 'between', ...one)), lines('b', 'c', 'between', 'b', 'c'));
});

test('a text without conflicts stays as it is', () => {
  const text = lines('# Title', '=======', 'a heading underlined, and no conflict');
  assert.equal(keepBothSides(text), text);
});

test('a marker without its end is refused', () => {
  assert.throws(() => keepBothSides(lines('<<<<<<< ours', 'b', '=======', 'c')), /no end/);
});
