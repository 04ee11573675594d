import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Screen } from '../../../test/support/screen.ts';
import type { TerminalLook } from '../../core/terminal/ports.ts';
import { type Frame, Painter } from './painter.ts';

const LOOK: TerminalLook = { colours: 'true', background: 'dark', unicode: true };
const SIZE = { width: 12, height: 3 };

const frameOf = (...rows: string[]): Frame => ({ rows, cursor: undefined });

function secondUpdate(before: string, after: string, look: TerminalLook = LOOK): string {
  const painter = new Painter(look);
  painter.update(frameOf(before), SIZE);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the frame around every update.
  return painter.update(frameOf(after), SIZE).replace(/^\u001b\[\?2026h|\u001b\[\?25l\u001b\[\?2026l$/g, '');
}

test('nothing is written for a frame that is shown already', () => {
  const painter = new Painter(LOOK);
  assert.notEqual(painter.update(frameOf('a'), SIZE), '');
  assert.equal(painter.update(frameOf('a'), SIZE), '');
});

test('only the stretch of a row that changed is written, as one synchronized update', () => {
  assert.equal(secondUpdate('abcdef', 'abXdef'), '\u001b[1;3HX');
  assert.equal(
    secondUpdate('\u001b[31mabc\u001b[0mdef', '\u001b[31maXc\u001b[0mdef'),
    '\u001b[1;2H\u001b[31mX\u001b[0m',
  );
  assert.equal(secondUpdate('│abc│def│', '│aXc│def│'), '\u001b[1;3HX');
});

test('rows that are too short or too long are made exact', async () => {
  using screen = new Screen(SIZE.width, SIZE.height);
  const painter = new Painter(LOOK);
  await screen.write(painter.update(frameOf('old old old!', 'x'.repeat(40), 'c'), SIZE));
  await screen.write(painter.update(frameOf('new', 'x'.repeat(40), 'c'), SIZE));
  assert.deepEqual(screen.rows(), ['new         ', 'x'.repeat(12), 'c           ']);
});

test('a row cannot bring anything but text and colours to the terminal', async () => {
  const update = secondUpdate('', 'a\u001b[5;5Hb\u001b]0;t\u0007c\nd\u009be');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
  assert.doesNotMatch(update.replace('\u001b[1;1H', ''), /[\u0000-\u001f\u007f-\u009f]/);
});

test('colours are those that the terminal has', () => {
  const blue = '\u001b[1;38;2;95;135;255mx';
  const shown = (colours: TerminalLook['colours']): string => secondUpdate('', blue, { ...LOOK, colours });
  assert.equal(shown('true'), '\u001b[1;1H\u001b[1;38;2;95;135;255mx\u001b[0m');
  assert.equal(shown('256'), '\u001b[1;1H\u001b[1;38;5;69mx\u001b[0m');
  assert.equal(shown('16'), '\u001b[1;1H\u001b[1;94mx\u001b[0m');
  assert.equal(shown('none'), '\u001b[1;1H\u001b[1mx\u001b[0m');
});

test('where only ASCII can be drawn nothing else is written', () => {
  assert.equal(
    secondUpdate('', 'aé世b', { ...LOOK, unicode: false }),
    `${'\u001b[1;2H'.replace('2', '1')}a???b`,
  );
});

test('the cursor is where it should be, or hidden', async () => {
  using screen = new Screen(SIZE.width, SIZE.height);
  const painter = new Painter(LOOK);
  const update = painter.update({ rows: ['abc'], cursor: { x: 2, y: 1 } }, SIZE);
  assert.match(update, /\[2;3H.\[\?25h.\[\?2026l$/);
  await screen.write(update);
  assert.deepEqual(screen.state()['cursor'], [2, 1]);
  assert.match(painter.update(frameOf('abc'), SIZE), /^.\[\?2026h.\[\?25l.\[\?2026l$/);
});

// Characters about whose width terminals disagree are among them: this screen draws emoji one column wide.
const PIECE = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    ' ',
    '│',
    '─',
    'é',
    '世',
    '界',
    '👩‍💻',
    '🎉',
    'e\u0301',
    '❤\ufe0f',
    '🇩🇪',
    'ж',
    '\u0301',
    '\u00ad',
    'क्षि',
  ),
  fc.constantFrom('\u001b[31m', '\u001b[0m', '\u001b[7m', '\u001b[44m', '\u001b[1;38;5;100m'),
);
const ROW = fc.array(PIECE, { maxLength: 16 }).map((pieces) => pieces.join(''));
const FRAME = fc.record({
  rows: fc.array(ROW, { maxLength: 4 }),
  cursor: fc.option(fc.record({ x: fc.nat(11), y: fc.nat(2) }), { nil: undefined }),
});

test('S3-48 after any sequence of frames the screen is what a full repaint of the last one shows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(FRAME, { minLength: 2, maxLength: 5 }), async (frames) => {
      using stepwise = new Screen(SIZE.width, SIZE.height);
      using anew = new Screen(SIZE.width, SIZE.height);
      const painter = new Painter(LOOK);
      let updates = '\u001b[?7l';
      for (const frame of frames) updates += painter.update(frame, SIZE);
      await stepwise.write(updates);
      await anew.write(`\u001b[?7l${new Painter(LOOK).update(frames.at(-1) as Frame, SIZE)}`);
      assert.deepEqual(stepwise.cells(), anew.cells());
      assert.deepEqual(stepwise.misdeeds, []);
    }),
    { numRuns: 600 },
  );
});
