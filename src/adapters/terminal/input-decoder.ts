import { StringDecoder } from 'node:string_decoder';
import type { TerminalInput } from '../../core/terminal/ports.ts';
import { codedKey, controlKey, FINAL_KEYS, KEYPAD_KEYS, NUMBERED_KEYS, withModifiers } from './key-names.ts';

/** What comes in from a terminal: what the person does, and the terminal's own answers. */
export type DecodedInput =
  | Exclude<TerminalInput, { readonly kind: 'resize' }>
  /** The colour of its background, from 0 to 1 for each part. */
  | { readonly kind: 'background'; readonly red: number; readonly green: number; readonly blue: number }
  /** It told what it is ("device attributes"), which every terminal does when it is asked. */
  | { readonly kind: 'attributes' };

/** How much of the buffer was understood, and as what; `more` when it may go on in the next piece. */
type Taken = { readonly length: number; readonly inputs: readonly DecodedInput[] } | 'more';

const ESC = '\u001b';
const PASTE_END = '\u001b[201~';
const LONGEST_SEQUENCE = 256;
const LONGEST_STRING = 8_192;
const LONGEST_PASTE = 1_048_576;
const ESCAPE_MS = 50;
const STRING_MS = 1_000;

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: these are the control characters of terminals.
const CONTROL_SEQUENCE = /^\u001b\[([0-?]*)([ -/]*)([@-~])/;
const CONTROL_SEQUENCE_SO_FAR = /^\u001b\[[0-?]*[ -/]*$/;
const STRING = /^\u001b[\]P_]([^\u0007\u001b\u0018\u001a]*)(\u0007|\u001b\\|[\u0018\u001a])/;
const STRING_SO_FAR = /^\u001b[\]P_][^\u0007\u001b\u0018\u001a]*\u001b?$/;
// As answers of terminals begin. A person who presses Escape and then `]` or `P` types no such thing.
const STRING_BEGIN = /^\u001b(?:\]\d|P[\d!$+=>?{|]|_G)/;
const MAY_BEGIN_STRING = /^\u001b[\]P_]$/;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: see above.
const BACKGROUND = /^11;rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})/i;

/**
 * Turns the bytes of a terminal into what the person did, however they are cut into pieces. What it does not know is
 * swallowed whole. It has no clock: `waitMs` says how long to wait for the rest of what has begun, and `flush` takes
 * what there is for all there will be, as a lone press of Escape.
 */
export class InputDecoder {
  readonly #utf8 = new StringDecoder('utf8');
  #buffer = '';
  #pasting = false;

  feed(bytes: Uint8Array): DecodedInput[] {
    this.#buffer += this.#utf8.write(bytes);
    const inputs: DecodedInput[] = [];
    while (this.#buffer !== '') {
      const taken = this.#pasting ? this.#takePaste() : takeInput(this.#buffer);
      if (taken === 'more') break;
      this.#advance(taken.length);
      for (const input of taken.inputs) inputs.push(input);
    }
    this.#bound();
    return inputs;
  }

  /** Milliseconds after which `flush` is due when nothing more comes; `undefined` when nothing has begun. */
  get waitMs(): number | undefined {
    if (this.#pasting) return STRING_MS;
    if (this.#buffer === '') return undefined;
    return STRING_BEGIN.test(this.#buffer) ? STRING_MS : ESCAPE_MS;
  }

  flush(): DecodedInput[] {
    const buffer = this.#buffer;
    const wasPasting = this.#pasting;
    this.#buffer = '';
    this.#pasting = false;
    if (wasPasting) return buffer === '' ? [] : [{ kind: 'paste', text: buffer }];
    if (buffer === ESC) return [{ kind: 'key', key: 'esc', text: '' }];
    // Alt and a key that also begins sequences, such as `[` and `O`.
    if (buffer.length === 2 && buffer.startsWith(ESC)) return [...altKey(buffer[1] ?? '')];
    return [];
  }

  #takePaste(): Taken {
    const end = this.#buffer.indexOf(PASTE_END);
    if (end >= 0) {
      this.#pasting = false;
      const text = this.#buffer.slice(0, end);
      return { length: end + PASTE_END.length, inputs: text === '' ? [] : [{ kind: 'paste', text }] };
    }
    if (this.#buffer.length <= LONGEST_PASTE) return 'more';
    const length = this.#buffer.length - PASTE_END.length;
    return { length, inputs: [{ kind: 'paste', text: this.#buffer.slice(0, length) }] };
  }

  #advance(length: number): void {
    if (!this.#pasting && this.#buffer.startsWith('\u001b[200~')) this.#pasting = true;
    this.#buffer = this.#buffer.slice(length);
  }

  /** What never ends is swallowed as it comes, so that it takes no room. */
  #bound(): void {
    if (this.#pasting) return;
    if (STRING_BEGIN.test(this.#buffer)) {
      if (this.#buffer.length > LONGEST_STRING) this.#buffer = `${this.#buffer.slice(0, 3)}…`;
    } else if (this.#buffer.length > LONGEST_SEQUENCE) {
      this.#buffer = '';
    }
  }
}

function takeInput(buffer: string): Taken {
  if (buffer.startsWith(ESC)) return takeEscape(buffer);
  const code = buffer.codePointAt(0) ?? 0;
  const char = String.fromCodePoint(code);
  const length = char.length;
  if (code < 32 || code === 127) return { length, inputs: [key(controlKey(code))] };
  // 8-bit controls are typed by nobody.
  if (code < 160 && code > 127) return { length, inputs: [] };
  return { length, inputs: [key(char === ' ' ? 'space' : char, char)] };
}

function takeEscape(buffer: string): Taken {
  const second = buffer[1];
  if (second === undefined) return 'more';
  if (second === ESC) return takeDoubleEscape(buffer);
  if (second === '[') return takeControlSequence(buffer);
  if (second === 'O') return takeKeypad(buffer);
  if (MAY_BEGIN_STRING.test(buffer)) return 'more';
  if (STRING_BEGIN.test(buffer)) return takeString(buffer);
  const char = String.fromCodePoint(buffer.codePointAt(1) ?? 0);
  return { length: 1 + char.length, inputs: altKey(char) };
}

/** Some terminals send Alt with a key's sequence as another escape before it. */
function takeDoubleEscape(buffer: string): Taken {
  if (buffer.length === 2) return 'more';
  const third = buffer[2];
  if (third !== '[' && third !== 'O') return { length: 1, inputs: [key('esc')] };
  const taken = takeEscape(buffer.slice(1));
  if (taken === 'more') return 'more';
  return {
    length: taken.length + 1,
    inputs: taken.inputs.map((input) => (input.kind === 'key' ? escaped(input.key, input.text) : input)),
  };
}

function takeKeypad(buffer: string): Taken {
  const final = buffer[2];
  if (final === undefined) return 'more';
  const typed = KEYPAD_KEYS[final];
  if (typed !== undefined) return { length: 3, inputs: [key(typed, typed.length === 1 ? typed : '')] };
  const name = FINAL_KEYS[final];
  return { length: 3, inputs: name === undefined ? [] : [key(name)] };
}

function takeString(buffer: string): Taken {
  const match = STRING.exec(buffer);
  if (match !== null) {
    const [whole, text = ''] = match;
    const answer = buffer[1] === ']' ? BACKGROUND.exec(text) : null;
    if (answer === null) return { length: whole.length, inputs: [] };
    const [red = 0, green = 0, blue = 0] = answer
      .slice(1)
      .map((part) => Number.parseInt(part, 16) / (16 ** part.length - 1));
    return { length: whole.length, inputs: [{ kind: 'background', red, green, blue }] };
  }
  if (STRING_SO_FAR.test(buffer)) return 'more';
  // Another escape sequence begins in it: the string has ended.
  return { length: buffer.indexOf(ESC, 1), inputs: [] };
}

function takeControlSequence(buffer: string): Taken {
  // The Linux console's F1 to F5.
  if (buffer.startsWith('\u001b[[')) {
    const letter = buffer[3];
    if (letter === undefined) return 'more';
    const number = letter.charCodeAt(0) - 64;
    return { length: 4, inputs: number >= 1 && number <= 5 ? [key(`f${number}`)] : [] };
  }
  const match = CONTROL_SEQUENCE.exec(buffer);
  if (match === null) {
    if (CONTROL_SEQUENCE_SO_FAR.test(buffer)) return 'more';
    const broken = /[^0-?]/.exec(buffer.slice(2));
    return { length: 2 + (broken?.index ?? 0), inputs: [] };
  }
  const [whole, parameters = '', intermediates = '', final = ''] = match;
  const { length } = whole;
  // The old mouse reports put three bytes behind the sequence.
  if (whole === '\u001b[M') return buffer.length < 6 ? 'more' : { length: 6, inputs: [] };
  if (intermediates !== '') return { length, inputs: [] };
  return { length, inputs: understood(parameters, final) };
}

function understood(parameters: string, final: string): readonly DecodedInput[] {
  if (parameters.startsWith('<')) return mouse(parameters.slice(1), final);
  if (parameters.startsWith('?')) return final === 'c' ? [{ kind: 'attributes' }] : [];
  const fields = parameters.split(';');
  const [first = '', second = '', third = ''] = fields;
  const modifiers = Math.max(0, (Number.parseInt(second, 10) || 1) - 1) & 7;
  if (final === '~') {
    if (first === '27') return coded(third, modifiers);
    const name = NUMBERED_KEYS[first];
    return name === undefined ? [] : [key(withModifiers(name, modifiers))];
  }
  if (final === 'u') return second.endsWith(':3') ? [] : coded(first, modifiers);
  // A cursor report looks like F3 with a modifier; only the latter begins with 1.
  if (final === 'R' && first !== '1') return [];
  const name = FINAL_KEYS[final];
  return name === undefined ? [] : [key(withModifiers(name, modifiers))];
}

function coded(field: string, modifiers: number): readonly DecodedInput[] {
  const { key: name, text } = codedKey(Number.parseInt(field, 10) || 0, modifiers);
  return name === '' ? [] : [key(name, text)];
}

/** SGR mouse reports: the button with bits for motion (32) and the wheel (64), and the place from 1. */
function mouse(parameters: string, final: string): readonly DecodedInput[] {
  const [button = Number.NaN, column = Number.NaN, row = Number.NaN] = parameters.split(';').map(Number);
  if (!(column >= 1 && row >= 1) || (final !== 'M' && final !== 'm')) return [];
  const place = { x: column - 1, y: row - 1 };
  const plain = button & ~28;
  if (plain === 64) return [{ kind: 'mouse', action: 'wheel-up', ...place }];
  if (plain === 65) return [{ kind: 'mouse', action: 'wheel-down', ...place }];
  if ((plain & ~32) !== 0) return [];
  const action = final === 'm' ? 'release' : (plain & 32) !== 0 ? 'drag' : 'press';
  return [{ kind: 'mouse', action, ...place }];
}

function altKey(char: string): readonly DecodedInput[] {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 128 && code < 160) return [];
  if (code < 32 || code === 127) return [escaped(controlKey(code), '')];
  return [escaped(char === ' ' ? 'space' : char, char)];
}

/** A key with an escape byte before it. */
function escaped(name: string, text: string): DecodedInput {
  return { kind: 'key', key: withAlt(name), text: '', afterEscape: { key: name, text } };
}

function withAlt(name: string): string {
  return name.startsWith('ctrl+') ? `ctrl+alt+${name.slice(5)}` : `alt+${name}`;
}

function key(name: string, text = ''): DecodedInput {
  return { kind: 'key', key: name, text };
}
