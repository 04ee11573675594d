import type { TerminalLook, TerminalPlace, TerminalSize } from '../../core/terminal/ports.ts';
import { RESET } from '../../core/terminal/sgr.ts';
import { type RowPart, rowParts } from './row-parts.ts';

// Single letters that every terminal draws as wide as the others do: Greek, Cyrillic, kana, CJK, Hangul.
const AGREED =
  /^[\u0370-\u0377\u037a-\u0482\u048a-\u052f\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]$/;

/** What is to be seen. */
export interface Frame {
  readonly rows: readonly string[];
  readonly cursor: TerminalPlace | undefined;
}

interface PaintedRow {
  readonly row: string;
  readonly parts: readonly RowPart[];
}

const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/**
 * Knows what the terminal shows and says what to write so that it shows another frame: of each row that changed the
 * stretch that did, as one synchronized update (mode 2026, which terminals that do not know it ignore). It never
 * scrolls and never relies on where the cursor is.
 */
export class Painter {
  readonly #look: TerminalLook;
  #painted: PaintedRow[] = [];
  #size: TerminalSize = { width: 0, height: 0 };
  #cursor = '';

  constructor(look: TerminalLook) {
    this.#look = look;
  }

  /** The terminal may show anything now: the next frame is written in full. */
  forget(): void {
    this.#size = { width: 0, height: 0 };
  }

  /** What to write; empty when the terminal shows the frame already. */
  update({ rows, cursor }: Frame, size: TerminalSize): string {
    let out = '';
    if (size.width !== this.#size.width || size.height !== this.#size.height) {
      this.#size = size;
      this.#painted = [];
      this.#cursor = '';
      out = `${RESET}\u001b[2J`;
    }
    for (let y = 0; y < size.height; y += 1) out += this.#updateRow(y, rows[y] ?? '');
    const shown =
      cursor === undefined || cursor.x >= size.width || cursor.y >= size.height
        ? HIDE_CURSOR
        : `${at(cursor.x, cursor.y)}${SHOW_CURSOR}`;
    if (out === '' && shown === this.#cursor) return '';
    // While rows are written the cursor would be seen to jump about where updates are not synchronized.
    const before = out !== '' && this.#cursor !== HIDE_CURSOR ? HIDE_CURSOR : '';
    this.#cursor = shown;
    return `${BEGIN}${before}${out}${shown}${END}`;
  }

  #updateRow(y: number, row: string): string {
    const old = this.#painted[y];
    if (old?.row === row) return '';
    const parts = rowParts(row, this.#size.width, this.#look);
    this.#painted[y] = { row, parts };
    const [from, to] = old === undefined ? [0, this.#size.width] : changedColumns(old.parts, parts);
    if (from >= to) return '';
    // A character that is drawn wider than it should be spoils what stands behind it, so that is written again.
    const spoils = parts.some(({ column, isSure, text }) => {
      return column >= from && column < to && !isSure && !AGREED.test(text);
    });
    return at(from, y) + printed(parts, from, spoils ? this.#size.width : to);
  }
}

/** The first column that differs, and the one behind the last. */
function changedColumns(
  before: readonly RowPart[],
  after: readonly RowPart[],
): readonly [from: number, to: number] {
  let from = 0;
  for (let index = 0; ; index += 1) {
    const [a, b] = [before[index], after[index]];
    if (a === undefined || b === undefined) break;
    if (a.open !== b.open || a.isSure !== b.isSure) break;
    if (a.text === b.text) {
      from = b.column + b.width;
      continue;
    }
    if (a.isSure) from = b.column + commonStart(a.text, b.text);
    break;
  }
  let to = widthOf(after);
  for (let back = 1; ; back += 1) {
    const [a, b] = [before.at(-back), after.at(-back)];
    if (a === undefined || b === undefined || b.column + b.width <= from) break;
    if (a.open !== b.open || a.isSure !== b.isSure) break;
    if (a.text === b.text && a.column === b.column) {
      to = b.column;
      continue;
    }
    if (a.isSure) to = b.column + b.width - commonEnd(a.text, b.text);
    break;
  }
  return [from, Math.max(from, to)];
}

function widthOf(parts: readonly RowPart[]): number {
  const last = parts.at(-1);
  return last === undefined ? 0 : last.column + last.width;
}

function commonStart(a: string, b: string): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count += 1;
  return count;
}

function commonEnd(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && a[a.length - 1 - count] === b[b.length - 1 - count]) count += 1;
  return count;
}

/** The columns from `from` up to `to`, with the cursor at `from`. */
function printed(parts: readonly RowPart[], from: number, to: number): string {
  let out = '';
  let open = '';
  for (const part of parts) {
    const end = part.column + part.width;
    if (end <= from || part.column >= to) continue;
    if (part.open !== open) {
      out += open === '' ? part.open : RESET + part.open;
      open = part.open;
    }
    out += part.isSure
      ? part.text.slice(Math.max(0, from - part.column), to - part.column)
      : unsure(part.text, part.column, part.width);
  }
  return open === '' ? out : out + RESET;
}

/**
 * A character about whose width terminals disagree: blanks first, for one that draws less than it is given, and the
 * cursor set behind it, for one that draws more or less, so that nothing beside it moves.
 */
function unsure(text: string, column: number, width: number): string {
  if (AGREED.test(text)) return text;
  return `${' '.repeat(width)}\u001b[${column + 1}G${text}\u001b[${column + width + 1}G`;
}

function at(x: number, y: number): string {
  return `\u001b[${y + 1};${x + 1}H`;
}
