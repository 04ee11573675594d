import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf, fit } from './fit.ts';
import { wrap } from './wrap.ts';

test('fit fills up or cuts to exactly the width, in columns', () => {
  assert.equal(fit('ab', 4), 'ab  ');
  assert.equal(fit('ab', 4, 'right'), '  ab');
  assert.equal(fit('abcde', 4), 'abc…');
  assert.equal(fit('世界世', 4), '世… ');
  assert.equal(fit('abc', 0), '');
});

test('fit closes colours, and a cut keeps those that it needs', () => {
  assert.equal(fit('\u001b[31mab', 4), '\u001b[31mab\u001b[0m  ');
  assert.equal(fit('\u001b[31mab\u001b[0mcdef', 4), '\u001b[31mab\u001b[0mc…');
});

test('a long line is broken at a space near the end of the row, and else in the word', () => {
  assert.deepEqual(wrap('the quick brown fox', 10), ['the quick', 'brown fox']);
  assert.deepEqual(wrap('a verylongwordindeed', 10), ['a verylong', 'wordindeed']);
  assert.deepEqual(wrap('', 10), ['']);
});

test('every row has the colours of its part', () => {
  assert.deepEqual(wrap('ab\u001b[31mcdef\u001b[0mgh', 3), [
    'ab\u001b[31mc\u001b[0m',
    '\u001b[31mdef\u001b[0m',
    'gh',
  ]);
});

test('wide characters are never cut in half, and those that fit nowhere are left out', () => {
  assert.deepEqual(wrap('世界世', 5), ['世界', '世']);
  for (const row of wrap('a世b界', 1)) assert.ok(columnsOf(row) <= 1);
});
