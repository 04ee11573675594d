import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markMatches, matchesIn } from './search.ts';

test('a match is marked across colours, and the rest keeps its own', () => {
  assert.equal(
    markMatches('ab\u001b[31mcdef\u001b[0mgh', 'bcd', (match) => `<${match}>`),
    'a<b><cd>\u001b[31mef\u001b[0mgh',
  );
});

test('matches do not overlap, and an empty query matches nothing', () => {
  assert.deepEqual(matchesIn('aaaa', 'aa'), [
    { start: 0, end: 2 },
    { start: 2, end: 4 },
  ]);
  assert.deepEqual(matchesIn('abc', ''), []);
});

test('a letter that gets longer in lower case moves no match', () => {
  assert.deepEqual(matchesIn('İx', 'İ'), [{ start: 0, end: 1 }]);
  assert.deepEqual(matchesIn('İabc', 'abc'), [{ start: 1, end: 4 }]);
});
