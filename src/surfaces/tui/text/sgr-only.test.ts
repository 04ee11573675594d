import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sgrOnly } from './sgr-only.ts';

const cases: readonly (readonly [fact: string, printed: string, seen: string])[] = [
  ['plain text stays as it is', 'Grüße, 世界, 👩‍💻', 'Grüße, 世界, 👩‍💻'],
  ['colours stay, each line closes its own', '\u001b[31mred', '\u001b[31mred\u001b[0m'],
  ['colours go on in the next line', '\u001b[1;32ma\nb', '\u001b[1;32ma\u001b[0m\n\u001b[1;32mb\u001b[0m'],
  ['cursor moves go', 'a\u001b[5;5Hb\u001b[2Jc\u001b[1Ad', 'abcd'],
  [
    'titles, links and the clipboard go',
    'a\u001b]0;t\u0007b\u001b]52;c;aGk=\u001b\\c\u001b]8;;http://x\u0007d',
    'abcd',
  ],
  ['a title without an end takes no other line with it', 'a\u001b]2;title\nb', 'a\nb'],
  ['8-bit controls go', 'a\u009b5Ab\u009d0;t\u009cc\u0090q\u009cd', 'abcd'],
  ['8-bit colours stay', 'a\u009b31mb', 'a\u001b[31mb\u001b[0m'],
  ['modes, resets and other escapes go', 'a\u001b[?1049hb\u001bcc\u001b(0d\u001b=e\u001b', 'abcde'],
  ['bells and other controls go', 'a\u0007b\u0000c\u000ed\u007fe', 'abcde'],
  ['hidden and blinking text is shown', 'a\u001b[8mb\u001b[5mc', 'abc'],
  ['marks that reorder text are shown', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
  ['half a character is shown as one that nobody knows', 'a\ud800b', 'a\ufffdb'],
  ['tabs reach to the next eighth column', 'a\tb\u001b[31m\tc', 'a       b\u001b[31m       c\u001b[0m'],
  ['a Windows line end is a line end', 'a\r\nb\r', 'a\nb'],
  ['a progress bar is what it came to', '10 %\r50 %\r\u001b[32m100 %\u001b[0m', '\u001b[32m100 %\u001b[0m'],
  ['what a shorter line leaves is seen', 'abcdef\rXY', 'XYcdef'],
  ['an erased line is gone', 'abcdef\r\u001b[KXY', 'XY'],
  ['erasing to the left and of the whole line', 'abc\u001b[1Kd\nabc\u001b[2K\rx', '   d\nx'],
  ['a backspace prints over', 'abc\b\bX', 'aXc'],
  ['half of a wide character that is printed over becomes a blank', '世界\r a', ' a界'],
];

for (const [fact, printed, seen] of cases) {
  test(`of what a program prints, ${fact}`, () => assert.equal(sgrOnly(printed), seen));
}

test('what is safe is not changed again', () => {
  for (const [, printed] of cases) {
    const once = sgrOnly(printed);
    assert.equal(sgrOnly(once), once);
  }
});
