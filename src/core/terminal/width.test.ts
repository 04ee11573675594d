import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut, pad, textWidth } from './width.ts';

test('wide characters take two columns and combining ones none', () => {
  assert.equal(textWidth('abc'), 3);
  assert.equal(textWidth('世界'), 4);
  assert.equal(textWidth('e\u0301'), 1);
  assert.equal(textWidth('👩‍💻!'), 3);
});

test('a cut text never takes more columns than it may, and shows that it was cut', () => {
  assert.equal(cut('abcdef', 6), 'abcdef');
  assert.equal(cut('abcdef', 5), 'abcd…');
  assert.equal(cut('世界世界', 5), '世界…');
  assert.equal(cut('世界世界', 4), '世…');
  assert.equal(cut('abc', 0), '');
});

test('padding counts columns, not characters', () => {
  assert.equal(pad('世', 4), '世  ');
  assert.equal(pad('7', 3, 'right'), '  7');
});
