import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textWidth } from '../../../core/terminal/width.ts';
import type { Message } from '../app.ts';
import { graphemes } from './graphemes.ts';
import { editText, type TextInput, textInput } from './text-input.ts';
import { showText } from './text-view.ts';

const key = (name: string): Message => ({ kind: 'key', key: name, text: name.length === 1 ? name : '' });
const typed = (text: string): Message => ({ kind: 'key', key: text, text });

function after(start: TextInput, ...messages: readonly Message[]): TextInput {
  return messages.reduce((input, message) => editText(input, message) ?? input, start);
}

/** The text with `|` where the cursor is. */
function shown({ text, cursor }: TextInput): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

const CASES: readonly [title: string, start: TextInput, keys: readonly string[], is: string][] = [
  ['a letter goes in at the cursor', textInput('ac'), ['left', 'b'], 'ab|c'],
  ['backspace takes a whole family away', textInput('a👨‍👩‍👧'), ['backspace'], 'a|'],
  ['backspace takes a letter with its accent away', textInput('ae\u0301'), ['backspace'], 'a|'],
  ['delete takes what is right of it', textInput('日本'), ['home', 'delete'], '|本'],
  ['alt+b goes to the beginning of a word', textInput('one two  '), ['alt+b'], 'one |two  '],
  ['alt+f goes to the end of a word', textInput('one two'), ['home', 'alt+f'], 'one| two'],
  ['ctrl+w takes a word away', textInput('grün über'), ['ctrl+w'], 'grün |'],
  ['ctrl+u takes all before it away', textInput('one two'), ['alt+b', 'ctrl+u'], '|two'],
  ['ctrl+k takes all after it away', textInput('one two'), ['home', 'alt+f', 'ctrl+k'], 'one|'],
  ['left stops at the beginning', textInput('a'), ['left', 'left'], '|a'],
  ['enter is for whoever asked', textInput('a'), ['enter'], 'a|'],
  ['one line stays one line', textInput('a'), ['ctrl+j'], 'a|'],
  ['ctrl+j begins a line', textInput('a', { lines: true }), ['ctrl+j', 'b'], 'a\nb|'],
  ['home stays in its line', textInput('a\nbc', { lines: true }), ['home'], 'a\n|bc'],
  ['up keeps the column', textInput('abc\nde', { lines: true }), ['up'], 'ab|c\nde'],
  ['up counts wide letters', textInput('日本語\nabcd', { lines: true }), ['up'], '日本|語\nabcd'],
  ['down at the end goes to the end', textInput('ab', { lines: true }), ['home', 'down'], 'ab|'],
  ['backspace joins lines', textInput('a\nb', { lines: true }), ['left', 'backspace'], 'a|b'],
];

for (const [title, start, keys, is] of CASES) {
  test(`in a text, ${title}`, () => {
    assert.equal(shown(after(start, ...keys.map(key))), is);
  });
}

test('what joins its neighbour leaves the cursor behind both', () => {
  const start = after(textInput('\u0301'), key('home'), { kind: 'paste', text: 'e' });
  assert.equal(shown(start), 'e\u0301|');
});

test('what is pasted loses its controls, and its line ends where there is one line', () => {
  const paste: Message = { kind: 'paste', text: 'a\u001b[31m\r\nb\u0007\tc' };
  assert.equal(after(textInput(), paste).text, 'a[31m b  c');
  assert.equal(after(textInput('', { lines: true }), paste).text, 'a[31m\nb  c');
});

test('a text shows the rows around its cursor, and the cursor where it is', () => {
  const input = textInput('one\ntwo\nthree', { lines: true });
  assert.deepEqual(showText(input, { width: 6, height: 2 }), {
    rows: ['two   ', 'three '],
    cursor: { x: 5, y: 1 },
  });
  assert.deepEqual(showText(textInput('abcdef'), { width: 4, height: 3 }).rows, ['abc ', 'def ']);
});

const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc
    .constantFrom(
      ...['left', 'right', 'up', 'down', 'home', 'end', 'backspace', 'delete', 'ctrl+w', 'alt+b', 'alt+f'],
      ...['ctrl+u', 'ctrl+k', 'ctrl+j', 'enter', 'tab', 'alt+d', 'ctrl+left', 'f5'],
    )
    .map(key),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }).map(typed),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text): Message => ({ kind: 'paste', text })),
);

test('no input breaks a text: the cursor stands between two characters, the rows have the width', () => {
  fc.assert(
    fc.property(
      fc.array(anyMessage, { maxLength: 40 }),
      fc.boolean(),
      fc.integer({ min: 2, max: 20 }),
      fc.integer({ min: 1, max: 5 }),
      (messages, lines, width, height) => {
        const input = after(textInput('', { lines }), ...messages);
        const places = graphemes(input.text).map(({ at }) => at);
        const isBetween = input.cursor === input.text.length || places.includes(input.cursor);
        assert.ok(isBetween || input.text[input.cursor] === '\n', shown(input));
        const { rows, cursor } = showText(input, { width, height });
        for (const row of rows) assert.equal(textWidth(row), width, JSON.stringify(row));
        assert.ok(rows.length <= height && cursor.y < rows.length && cursor.x < width);
      },
    ),
    { numRuns: 500 },
  );
});
