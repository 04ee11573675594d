import { textWidth } from '../../../core/terminal/width.ts';
import { fit } from '../text/fit.ts';
import { graphemes } from './graphemes.ts';
import { safeRow } from './rows.ts';
import type { TextInput } from './text-input.ts';

export interface ShownText {
  /** Plain rows of exactly the width. */
  readonly rows: readonly string[];
  readonly cursor: { readonly x: number; readonly y: number };
}

interface WrappedRow {
  readonly text: string;
  /** Columns before the cursor when it stands in this row. */
  readonly cursor: number | undefined;
}

/** A text as it is written, wrapped at the width; of more rows than `height` those around the cursor. */
export function showText(input: TextInput, { width, height }: { width: number; height: number }): ShownText {
  const rows = wrapped(input, Math.max(2, width));
  const at = rows.findIndex(({ cursor }) => cursor !== undefined);
  const top = Math.max(0, Math.min(at - Math.floor(height / 2), rows.length - height));
  const shown = rows.slice(top, top + height);
  return {
    rows: shown.map(({ text }) => fit(text, width)),
    cursor: { x: Math.min(rows[at]?.cursor ?? 0, Math.max(0, width - 1)), y: Math.max(0, at - top) },
  };
}

/** How many rows it takes. */
export function textRows(input: TextInput, width: number): number {
  return wrapped(input, Math.max(2, width)).length;
}

function wrapped({ text, cursor }: TextInput, width: number): readonly WrappedRow[] {
  const rows: WrappedRow[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    rows.push(...wrapLine(line, cursor - start, width));
    start += line.length + 1;
  }
  return rows;
}

function wrapLine(line: string, cursor: number, width: number): WrappedRow[] {
  const rows: WrappedRow[] = [];
  let row = '';
  let columns = 0;
  let place: number | undefined;
  for (const { at, text } of graphemes(line)) {
    const shown = safeRow(text);
    const next = textWidth(shown);
    // The cursor takes a column of its own behind the text, so that it never stands on the border.
    if (columns + next > width - 1) {
      rows.push({ text: row, cursor: place });
      [row, columns, place] = ['', 0, undefined];
    }
    if (at === cursor) place = columns;
    row += shown;
    columns += next;
  }
  if (cursor === line.length) place = columns;
  return [...rows, { text: row, cursor: place }];
}
