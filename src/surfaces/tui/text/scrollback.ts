import { PLAIN, type Style } from '../../../core/terminal/sgr.ts';
import { type DrawnLine, DrawnLines } from './drawn-lines.ts';
import { fit } from './fit.ts';
import { LineRing } from './line-ring.ts';
import { queryPattern } from './search.ts';
import { plainOutputLine, safeOutputLine, styleAfterLine } from './sgr-only.ts';
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

interface WindowSize {
  readonly width: number;
  readonly height: number;
}

const LONGEST_LINE = 8_192;

/**
 * The newest output of one agent, as it was printed; what is looked at is made safe and wrapped then, which for most of
 * a flood is never. It keeps at most `mostLines` lines and `mostBytes` bytes; the oldest go. Where a person looks is a
 * `ScrollPlace`, or `undefined` for "the end, and what comes".
 */
export class Scrollback {
  readonly #lines: LineRing;
  /** The styles in which lines begin, of those that begin in one. */
  readonly #styles = new Map<number, Style>();
  readonly #drawn = new DrawnLines();
  /** The style in which the unfinished line begins. */
  #style: Style = PLAIN;
  #unfinished = '';
  #drawnUnfinished: DrawnLine | undefined;
  #hasForgotten = false;
  /** What was last searched for in vain, and the number behind the lines that it was searched in. */
  #missed: { readonly query: string; readonly end: number } | undefined;
  #version = 0;

  constructor({ mostLines = 10_000, mostBytes = 2_000_000 } = {}) {
    this.#lines = new LineRing({ mostLines, mostBytes });
  }

  /** Goes up with everything that is written, so that equal versions show the same. */
  get version(): number {
    return this.#version;
  }

  /** Number of the oldest line that is kept. */
  get firstLine(): number {
    return this.#lines.first;
  }

  /** Number behind the newest line; an unfinished one counts. */
  get endLine(): number {
    return this.#lines.end + (this.#unfinished === '' ? 0 : 1);
  }

  /** Takes what was printed next; lines and escape sequences may go on in the next piece. */
  write(piece: string): void {
    if (piece === '') return;
    this.#version += 1;
    this.#drawnUnfinished = undefined;
    let start = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      const line = piece.slice(start, end);
      this.#finish(this.#unfinished === '' ? line : this.#unfinished + line);
      this.#unfinished = '';
      start = end + 1;
    }
    this.#unfinished += piece.slice(start);
    if (this.#unfinished.length > LONGEST_LINE) {
      this.#finish(this.#unfinished);
      this.#unfinished = '';
    }
  }

  /**
   * Puts lines before all others, with numbers that go on downwards, so that places stay right. False, and nothing is
   * done, when there is no room for them or lines were forgotten already.
   */
  prepend(lines: readonly string[]): boolean {
    const cut = lines.map((line) => line.slice(0, LONGEST_LINE));
    if (this.#hasForgotten || !this.#lines.prepend(cut)) return false;
    let style = PLAIN;
    cut.forEach((line, at) => {
      this.#begin(this.#lines.first + at, style);
      style = styleAfterLine(line, style);
    });
    this.#missed = undefined;
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
    const first = Math.max(this.firstLine, this.#withoutMatch(query));
    const count = this.endLine - first;
    const isInside = line >= first && line < this.endLine;
    const [begin, step] =
      direction === 'down' ? [isInside ? line : first, 1] : [isInside ? line : this.endLine - 1, -1];
    for (let tried = 0; tried < count; tried += 1) {
      const at = first + ((((begin - first + step * tried) % count) + count) % count);
      if (this.plainLine(at).search(pattern) >= 0) return at;
    }
    if (query.isWellFormed()) this.#missed = { query, end: this.#lines.end };
    return undefined;
  }

  /** Number of the first line that may hold the query: none that holds less than it holds it. */
  #withoutMatch(query: string): number {
    return this.#missed !== undefined && query.startsWith(this.#missed.query)
      ? this.#missed.end
      : this.firstLine;
  }

  /** The text of a line without its colours; empty for one that is gone. */
  plainLine(line: number): string {
    return plainOutputLine(this.#rawLine(line) ?? '', this.#styleOf(line));
  }

  #finish(raw: string): void {
    for (let start = 0; start === 0 || start < raw.length; start += LONGEST_LINE) {
      const line = raw.length <= LONGEST_LINE ? raw : raw.slice(start, start + LONGEST_LINE);
      const first = this.#lines.first;
      this.#begin(this.#lines.end, this.#style);
      this.#style = styleAfterLine(line, this.#style);
      this.#lines.push(line);
      if (this.#lines.first > first) this.#forget(first);
    }
  }

  #begin(line: number, style: Style): void {
    if (style !== PLAIN) this.#styles.set(line, style);
  }

  #forget(from: number): void {
    this.#hasForgotten = true;
    if (this.#styles.size === 0) return;
    for (let line = from; line < this.#lines.first; line += 1) this.#styles.delete(line);
  }

  /** In which it begins. */
  #styleOf(line: number): Style {
    return line < this.#lines.end ? (this.#styles.get(line) ?? PLAIN) : this.#style;
  }

  /** As it was printed; undefined for one that is gone. */
  #rawLine(line: number): string | undefined {
    const isUnfinished = line === this.#lines.end && this.#unfinished !== '';
    return isUnfinished ? this.#unfinished : this.#lines.at(line);
  }

  #rowsOf(line: number, width: number): readonly string[] {
    const isFinished = line < this.#lines.end;
    const known = isFinished ? this.#drawn.get(line) : this.#drawnUnfinished;
    if (known?.width === width) return known.rows;
    const raw = this.#rawLine(line);
    if (raw === undefined) return [];
    const { text } = safeOutputLine(raw, this.#styleOf(line));
    const drawn = { rows: wrap(text, width).map((row) => fit(row, width)), width };
    if (isFinished) this.#drawn.set(line, drawn);
    else this.#drawnUnfinished = drawn;
    return drawn.rows;
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
