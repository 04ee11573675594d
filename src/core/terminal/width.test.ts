import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusters, cut, pad, textWidth } from './width.ts';

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

test('characters are told apart as the segmenter of Unicode does, whether it is asked or not', () => {
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  const widest =
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3001-\u3020\uff01-\uff60]/u;
  for (let code = 0x20; code < 0xd800; code += 1) {
    const char = String.fromCharCode(code);
    const segments = Array.from(segmenter.segment(`é${char}${char}é`), ({ segment }) => segment);
    // Some signs are joined to the letter behind them, but drawn in a cell of their own.
    if (segments.some((segment) => segment.length > 1 && segment.endsWith('é'))) continue;
    assert.deepEqual([...clusters(`é${char}${char}é`)], segments, code.toString(16));
    if (segments.length === 4 && widest.test(char)) assert.equal(textWidth(`${char}é`), 3, code.toString(16));
  }
});
