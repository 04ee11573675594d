import type { LocatedEntry, LocatedNode, LocatedScalar, Position } from './located.ts';

export type ParsedJson =
  | { kind: 'parsed'; tree: LocatedNode }
  | { kind: 'failed'; at: Position; message: string; advice: string };

const MOST_DEPTH = 64;

/** Strict JSON (RFC 8259) as a tree with places, or the first error and where it is. */
export function parseJson(text: string): ParsedJson {
  try {
    return { kind: 'parsed', tree: new JsonReader(text).document() };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { kind: 'failed', at: placeIn(text, error.offset), message: error.message, advice: error.advice };
  }
}

class JsonError extends Error {
  readonly offset: number;
  readonly advice: string;

  constructor(offset: number, message: string, advice: string) {
    super(message);
    this.offset = offset;
    this.advice = advice;
  }
}

function placeIn(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, col: offset - before.lastIndexOf('\n') };
}

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;
const WORD = /[A-Za-z_$][\w$-]*/y;
const LITERALS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

/** One pass over one text. */
class JsonReader {
  readonly #text: string;
  #offset = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): LocatedNode {
    this.#space();
    if (this.#offset === this.#text.length) throw this.#error('The file is empty.', 'Write at least {}.');
    const tree = this.#value(0);
    this.#space();
    if (this.#offset < this.#text.length) {
      throw this.#error(
        `${this.#here()} comes after the end of the JSON value.`,
        'Remove what follows the last bracket.',
      );
    }
    return tree;
  }

  #value(depth: number): LocatedNode {
    const at = this.#at();
    const char = this.#text[this.#offset];
    if (depth > MOST_DEPTH)
      throw this.#error(`The file nests more than ${MOST_DEPTH} levels deep.`, 'Flatten it.');
    if (char === '{') return { kind: 'map', at, entries: this.#members(depth) };
    if (char === '[') return { kind: 'list', at, items: this.#items(depth) };
    if (char === '"') return this.#string();
    return this.#plain(at);
  }

  #plain(at: Position): LocatedScalar {
    const number = this.#match(NUMBER);
    if (number !== '') return { kind: 'scalar', value: Number(number), text: number, at };
    const start = this.#offset;
    const word = this.#match(WORD);
    if (word !== '' && Object.hasOwn(LITERALS, word)) {
      return { kind: 'scalar', value: LITERALS[word] ?? null, text: word, at };
    }
    this.#offset = start;
    if (word !== '') throw this.#error(`${word} is not a JSON value.`, `If it is text, write "${word}".`);
    throw this.#error(`Expected a value, not ${this.#here()}.`, this.#advice('Write a value here.'));
  }

  #items(depth: number): LocatedNode[] {
    const items: LocatedNode[] = [];
    this.#offset++;
    this.#space();
    if (this.#take(']')) return items;
    for (;;) {
      items.push(this.#value(depth + 1));
      this.#space();
      if (this.#take(']')) return items;
      this.#comma(']', 'item');
    }
  }

  #members(depth: number): LocatedEntry[] {
    const entries: LocatedEntry[] = [];
    this.#offset++;
    this.#space();
    if (this.#take('}')) return entries;
    for (;;) {
      if (this.#text[this.#offset] !== '"') {
        throw this.#error(
          `Expected a key in double quotes, not ${this.#here()}.`,
          this.#advice('Write "key": value.'),
        );
      }
      const { value, at: keyAt } = this.#string();
      this.#space();
      if (!this.#take(':'))
        throw this.#error(`Expected ":" after the key, not ${this.#here()}.`, 'Write "key": value.');
      this.#space();
      entries.push({ key: String(value), keyAt, value: this.#value(depth + 1) });
      this.#space();
      if (this.#take('}')) return entries;
      this.#comma('}', 'key');
    }
  }

  #comma(close: string, what: string): void {
    const after = this.#offset;
    if (!this.#take(',')) {
      throw this.#error(
        `Expected "," or "${close}", not ${this.#here()}.`,
        this.#advice(`Put a comma before the next ${what}.`),
      );
    }
    this.#space();
    if (this.#text[this.#offset] !== close) return;
    this.#offset = after;
    throw this.#error(`A comma before "${close}".`, 'Remove the comma: JSON has none after the last item.');
  }

  #string(): LocatedScalar {
    const at = this.#at();
    const start = this.#offset;
    for (let i = start + 1; i < this.#text.length; i++) {
      const char = this.#text[i] as string;
      if (char === '"') {
        this.#offset = i + 1;
        const text = this.#text.slice(start, i + 1);
        return { kind: 'scalar', value: JSON.parse(text) as string, text, at };
      }
      if (char < ' ') break;
      if (char !== '\\') continue;
      if (!ESCAPE.test(this.#text.slice(i, i + 6))) {
        this.#offset = i;
        throw this.#error('JSON has no such escape.', 'Write \\\\ for a backslash.');
      }
      i++;
    }
    const advice = 'Close it with ", and write \\n for a new line.';
    throw this.#error('Text that begins here is not closed on the same line.', advice);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#offset += found.length;
    return found;
  }

  #space(): void {
    const space = this.#match(SPACE);
    for (let i = space.indexOf('\n'); i !== -1; i = space.indexOf('\n', i + 1)) {
      this.#line++;
      this.#lineStart = this.#offset - space.length + i + 1;
    }
  }

  #take(char: string): boolean {
    if (this.#text[this.#offset] !== char) return false;
    this.#offset++;
    return true;
  }

  #at(): Position {
    return { line: this.#line, col: this.#offset - this.#lineStart + 1 };
  }

  #here(): string {
    const char = this.#text[this.#offset];
    return char === undefined ? 'the end of the file' : JSON.stringify(char);
  }

  #advice(otherwise: string): string {
    const rest = this.#text.slice(this.#offset, this.#offset + 2);
    if (rest.startsWith('//') || rest.startsWith('/*') || rest.startsWith('#'))
      return 'Remove the comment: JSON has none.';
    if (rest.startsWith("'")) return 'Use double quotes.';
    return otherwise;
  }

  #error(message: string, advice: string): JsonError {
    return new JsonError(this.#offset, message, advice);
  }
}
