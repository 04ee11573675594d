import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Tail } from './json-line.ts';

function tailOf(length: number, lines: readonly string[]): string {
  const tail = new Tail(length);
  for (const line of lines) tail.add(line);
  return tail.toString();
}

test('the end of a stream is that of all its lines', () => {
  assert.equal(tailOf(8, []), '');
  assert.equal(tailOf(8, ['a', '', 'b']), 'a\n\nb');
  assert.equal(tailOf(8, ['abcdef', 'gh']), 'cdef\ngh');
  assert.equal(tailOf(4, ['0123456789']), '789');
  assert.equal(tailOf(8, ['ééééé']), 'ééé', 'a character is not cut in two');
});

test('it is an end of all the lines and no longer than asked for, however they are cut', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 30 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (lines, length) => {
      const whole = lines
        .map((each) => `${each}\n`)
        .join('')
        .trim();
      const tail = tailOf(length, lines);
      assert.ok(whole.endsWith(tail), JSON.stringify({ whole, tail }));
      assert.ok(tail.length <= length);
    }),
    { numRuns: 2_000 },
  );
});
