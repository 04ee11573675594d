import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { oneLine, plainText } from './plain-text.ts';

test('escape sequences and control characters go, tab and newline stay', () => {
  assert.equal(plainText('\u001B[31mred\u001B[0m\tand\nmore\r\u0000\u0007'), 'red\tand\nmore');
  assert.equal(
    plainText('a\u001B]0;title\u0007b\u001B]8;;http://x\u001B\\link\u001B]8;;\u001B\\c'),
    'ablinkc',
  );
  assert.equal(plainText('\u009B2Jx\u001B(By\u001BMz\u001B'), 'xyz');
  assert.equal(plainText('kept \u001B] unended'), 'kept  unended');
  assert.equal(plainText('\u202Egnp.exe\u2066!'), 'gnp.exe!');
  assert.equal(plainText('\uD800x 😀'), '\uFFFDx 😀');
});

test('no text leaves anything that a terminal acts on', () => {
  const piece = fc.constantFrom(
    '\u001B',
    '[',
    ']',
    '0;',
    'm',
    '\u009B',
    '\u0007',
    '\\',
    'P',
    'x',
    '\u0085',
    '\uD83D',
  );
  fc.assert(
    fc.property(
      fc.array(piece).map((parts) => parts.join('')),
      (text) => {
        assert.match(plainText(text), /^[^\p{Cc}\p{Cs}]*$/u);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('one line holds no line ends and is cut at its length', () => {
  assert.equal(oneLine(' a\r\n\tb  c '), 'a b c');
  assert.equal(oneLine('abcdef', 3), 'abc…');
});
