import { PLAIN, type Style } from '../../../core/terminal/sgr.ts';
import { fit } from './fit.ts';
import { queryPattern } from './search.ts';
import { safeOutputLine } from './sgr-only.ts';
import { withoutStyles } from './styled.ts';
import { wrap } from './wrap.ts';

/** A row of the output: the line, counted from the first that was ever printed, and the row of it when it is wrapped. */
export interface ScrollPlace {
  readonly line: number;
  readonly row: number;
}

/** What is seen of the output through a window. */
export interface ScrollWindow {
  /** Exactly as many rows as the window is high, each exactly as wide, with colours. */
  readonly rows: readonly string[];
  /** The place of the first row. */
  readonly top: ScrollPlace;
  /** The last row of the output is in it. */
  readonly atEnd: boolean;
}

interface Line {
  readonly text: string;
  /** Wrapped to `width` columns, when it was last shown. */
  rows: readonly string[];
  width: number;
}

interface WindowSize {
  readonly width: number;
  readonly height: number;
}

const LONGEST_LINE = 8_192;

/**
 * The newest output of one agent, made safe line by line, and wrapped when it is looked at. It keeps at most
 * `mostLines` lines and `mostCharacters` characters; the oldest go. Where a person looks is a `ScrollPlace`, or
 * `undefined` for "the end, and what comes".
 */
export class Scrollback {
  readonly #mostLines: number;
  readonly #mostCharacters: number;
  #lines: Line[] = [];
  /** Lines at the start of `#lines` that are gone; taken out many at a time. */
  #gone = 0;
  /** Lines that were taken out of `#lines`. */
  #dropped = 0;
  #characters = 0;
  #hasForgotten = false;
  /** The style in which the unfinished line begins. */
  #style: Style = PLAIN;
  #unfinished = '';
  #lastLine: Line | undefined;
  #version = 0;

  constructor({ mostLines = 10_000, mostCharacters = 2_000_000 } = {}) {
    this.#mostLines = mostLines;
    this.#mostCharacters = mostCharacters;
  }

  /** Goes up with everything that is written, so that equal versions show the same. */
  get version(): number {
    return this.#version;
  }

  /** Number of the oldest line that is kept. */
  get firstLine(): number {
    return this.#dropped + this.#gone;
  }

  /** Number behind the newest line; an unfinished one counts. */
  get endLine(): number {
    return this.#dropped + this.#lines.length + (this.#unfinished === '' ? 0 : 1);
  }

  /** Takes what was printed next; lines and escape sequences may go on in the next piece. */
  write(piece: string): void {
    if (piece === '') return;
    this.#version += 1;
    this.#lastLine = undefined;
    const lines = (this.#unfinished + piece).split('\n');
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) this.#finish(line);
    if (this.#unfinished.length > LONGEST_LINE) {
      this.#finish(this.#unfinished);
      this.#unfinished = '';
    }
    this.#forget();
  }

  /**
   * Puts lines before all others, with numbers that go on downwards, so that places stay right. False, and nothing is
   * done, when there is no room for them or lines were forgotten already.
   */
  prepend(lines: readonly string[]): boolean {
    const count = this.#lines.length - this.#gone + lines.length;
    const characters = lines.reduce((sum, line) => sum + line.length, this.#characters);
    if (this.#hasForgotten || count > this.#mostLines || characters > this.#mostCharacters) return false;
    let style = PLAIN;
    const before = lines.map((line): Line => {
      const safe = safeOutputLine(line.slice(0, LONGEST_LINE), style);
      style = safe.style;
      return { text: safe.text, rows: [], width: -1 };
    });
    this.#characters += before.reduce((sum, { text }) => sum + text.length, 0);
    this.#lines = [...before, ...this.#lines];
    this.#dropped -= before.length;
    this.#version += 1;
    return true;
  }

  /** What a window of this size shows from `top` on, or of the end. */
  window({ width, height }: WindowSize, top?: ScrollPlace): ScrollWindow {
    const end = this.#endTop({ width, height });
    const first = top === undefined || isBefore(end, top) ? end : this.#kept(top, width);
    const rows: string[] = [];
    let row = first.row;
    for (let line = first.line; line < this.endLine && rows.length < height; line += 1) {
      for (const each of this.#rowsOf(line, width).slice(row)) if (rows.length < height) rows.push(each);
      row = 0;
    }
    while (rows.length < height) rows.push(' '.repeat(Math.max(0, width)));
    return { rows, top: first, atEnd: !isBefore(first, end) };
  }

  /** The place `rows` further down (up when negative), never beyond the first or the last full window. */
  scrolled(size: WindowSize, top: ScrollPlace | undefined, rows: number): ScrollPlace | undefined {
    const end = this.#endTop(size);
    let { line, row } = top === undefined ? end : this.#kept(top, size.width);
    row += rows;
    while (row < 0 && line > this.firstLine) {
      line -= 1;
      row += this.#rowsOf(line, size.width).length;
    }
    while (line < this.endLine) {
      const count = this.#rowsOf(line, size.width).length;
      if (row < count) break;
      row -= count;
      line += 1;
    }
    const place = { line, row: Math.max(0, row) };
    return isBefore(place, end) ? place : undefined;
  }

  /** The place of the first row that is kept. */
  start(): ScrollPlace {
    return { line: this.firstLine, row: 0 };
  }

  /**
   * The nearest line that holds `query`, from `line` on down or up, `line` itself included; beyond the last (or the
   * first) the search goes on at the other end. Capitals count only when the query has some.
   */
  find(query: string, line: number, direction: 'down' | 'up'): number | undefined {
    const pattern = queryPattern(query);
    const first = this.firstLine;
    const count = this.endLine - first;
    const step = direction === 'down' ? 1 : -1;
    for (let tried = 0; tried < count; tried += 1) {
      const at = first + ((((line - first + step * tried) % count) + count) % count);
      if (withoutStyles(this.#lineAt(at)?.text ?? '').search(pattern) >= 0) return at;
    }
    return undefined;
  }

  /** The text of a line without its colours; empty for one that is gone. */
  plainLine(line: number): string {
    return withoutStyles(this.#lineAt(line)?.text ?? '');
  }

  #finish(raw: string): void {
    for (let start = 0; start === 0 || start < raw.length; start += LONGEST_LINE) {
      const { text, style } = safeOutputLine(raw.slice(start, start + LONGEST_LINE), this.#style);
      this.#style = style;
      this.#characters += text.length;
      this.#lines.push({ text, rows: [], width: -1 });
    }
  }

  #forget(): void {
    while (
      this.#lines.length - this.#gone > this.#mostLines ||
      (this.#characters > this.#mostCharacters && this.#lines.length - this.#gone > 1)
    ) {
      this.#characters -= this.#lines[this.#gone]?.text.length ?? 0;
      this.#gone += 1;
      this.#hasForgotten = true;
    }
    if (this.#gone <= this.#mostLines / 4) return;
    this.#lines = this.#lines.slice(this.#gone);
    this.#dropped += this.#gone;
    this.#gone = 0;
  }

  #lineAt(line: number): Line | undefined {
    const index = line - this.#dropped;
    if (index < this.#gone) return undefined;
    if (index < this.#lines.length) return this.#lines[index];
    if (index > this.#lines.length || this.#unfinished === '') return undefined;
    this.#lastLine ??= { text: safeOutputLine(this.#unfinished, this.#style).text, rows: [], width: -1 };
    return this.#lastLine;
  }

  #rowsOf(line: number, width: number): readonly string[] {
    const found = this.#lineAt(line);
    if (found === undefined) return [];
    if (found.width !== width) {
      found.rows = wrap(found.text, width).map((row) => fit(row, width));
      found.width = width;
    }
    return found.rows;
  }

  /** Where a window begins that shows the end. */
  #endTop({ width, height }: WindowSize): ScrollPlace {
    let left = height;
    for (let line = this.endLine - 1; line >= this.firstLine; line -= 1) {
      left -= this.#rowsOf(line, width).length;
      if (left <= 0) return { line, row: -left };
    }
    return this.start();
  }

  /** The place itself, or the nearest one that still is. */
  #kept({ line, row }: ScrollPlace, width: number): ScrollPlace {
    if (line < this.firstLine) return this.start();
    return { line, row: Math.min(row, Math.max(0, this.#rowsOf(line, width).length - 1)) };
  }
}

function isBefore(a: ScrollPlace, b: ScrollPlace): boolean {
  return a.line < b.line || (a.line === b.line && a.row < b.row);
}
