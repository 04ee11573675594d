import { textWidth } from '../../../core/terminal/width.ts';
import type { Message } from '../app.ts';
import { DIALOG_KEYS, type DialogKeyId, dialogKey } from '../dialog-keys.ts';
import {
  after,
  before,
  boundary,
  graphemes,
  lineEnd,
  lineStart,
  wordAfter,
  wordBefore,
} from './graphemes.ts';

/** A text that somebody writes. `cursor`: index in the text, always between two characters. */
export interface TextInput {
  readonly text: string;
  readonly cursor: number;
  /** May it have more than one line? */
  readonly lines: boolean;
}

const MOST_TEXT = 200_000;

/** With the cursor at its end. */
export function textInput(text = '', options: { lines?: boolean } = {}): TextInput {
  const lines = options.lines === true;
  const clean = cleanText(text, lines);
  return { text: clean, cursor: clean.length, lines };
}

/** What the message makes of the text; undefined: it means nothing to a text. */
export function editText(input: TextInput, message: Message): TextInput | undefined {
  if (message.kind === 'paste') return insert(input, message.text);
  if (message.kind !== 'key') return undefined;
  const { key, text } = message;
  const edit = dialogKey('writing', key);
  if (edit !== undefined) return EDITS[edit](input);
  // An accent alone may be typed by itself; what a control key types is no text.
  const isText = text !== '' && !key.startsWith('ctrl+') && !key.startsWith('alt+') && !NO_TEXT.has(key);
  return isText ? insert(input, text) : undefined;
}

const NO_TEXT: ReadonlySet<string> = new Set(['enter', 'esc', 'tab', 'shift+tab']);

/** As shells have them. */
const EDITS: Readonly<Record<DialogKeyId<'writing'>, (input: TextInput) => TextInput | undefined>> = {
  left: (input) => to(input, before(input.text, input.cursor)),
  right: (input) => to(input, after(input.text, input.cursor)),
  wordLeft: (input) => to(input, wordBefore(input.text, input.cursor)),
  wordRight: (input) => to(input, wordAfter(input.text, input.cursor)),
  start: (input) => home(input),
  end: (input) => end(input),
  lineUp: (input) => (input.lines ? moveLine(input, -1) : undefined),
  lineDown: (input) => (input.lines ? moveLine(input, 1) : undefined),
  newLine: (input) => (input.lines ? insert(input, '\n') : undefined),
  erase: (input) => erase(input, before(input.text, input.cursor)),
  eraseNext: (input) => erase(input, after(input.text, input.cursor)),
  eraseWord: (input) => erase(input, wordBefore(input.text, input.cursor)),
  eraseNextWord: (input) => erase(input, wordAfter(input.text, input.cursor)),
  eraseToStart: (input) => erase(input, lineStart(input.text, input.cursor)),
  eraseToEnd: (input) => erase(input, lineEnd(input.text, input.cursor)),
};

const home = (input: TextInput): TextInput => to(input, lineStart(input.text, input.cursor));
const end = (input: TextInput): TextInput => to(input, lineEnd(input.text, input.cursor));

/** The keys with Alt that mean something to a text. */
export const ALT_EDITS: ReadonlySet<string> = new Set(
  Object.values(DIALOG_KEYS.writing)
    .flatMap(({ keys }): readonly string[] => keys)
    .filter((key) => key.startsWith('alt+')),
);

function to(input: TextInput, cursor: number): TextInput {
  return cursor === input.cursor ? input : { ...input, cursor };
}

function insert(input: TextInput, typed: string): TextInput {
  const { text, cursor, lines } = input;
  const room = MOST_TEXT - text.length;
  const added = cleanText(typed, lines).slice(0, Math.max(0, room)).toWellFormed();
  if (added === '') return input;
  const next = text.slice(0, cursor) + added + text.slice(cursor);
  return { ...input, text: next, cursor: boundary(next, cursor + added.length) };
}

function erase(input: TextInput, until: number): TextInput {
  const [from, end] = until < input.cursor ? [until, input.cursor] : [input.cursor, until];
  if (from === end) return input;
  const next = input.text.slice(0, from) + input.text.slice(end);
  return { ...input, text: next, cursor: boundary(next, from) };
}

function moveLine(input: TextInput, by: -1 | 1): TextInput {
  const { text, cursor } = input;
  const start = lineStart(text, cursor);
  const target = by === -1 ? start - 1 : lineEnd(text, cursor) + 1;
  if (target < 0 || target > text.length) return by === -1 ? home(input) : end(input);
  const wanted = textWidth(text.slice(start, cursor));
  const [from, until] = [lineStart(text, target), lineEnd(text, target)];
  let place = from;
  let width = 0;
  for (const { at, text: grapheme } of graphemes(text.slice(from, until))) {
    width += textWidth(grapheme);
    if (width > wanted) break;
    place = from + at + grapheme.length;
  }
  return to(input, place);
}

// C0 and C1 controls and DEL: what is pasted may hold them, and no text of ours does.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;

function cleanText(text: string, lines: boolean): string {
  const clean = text.toWellFormed().replace(/\r\n?/g, '\n').replaceAll('\t', '  ').replace(CONTROLS, '');
  return lines ? clean : clean.replace(/\n+/g, ' ');
}
