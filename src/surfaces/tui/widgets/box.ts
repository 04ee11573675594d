import { textWidth } from '../../../core/terminal/width.ts';
import { fit } from '../text/fit.ts';
import type { Theme } from '../theme.ts';
import { safeRow } from './rows.ts';

/** Columns that the border and its inner margins take from the width. */
export const BOX_COLUMNS = 4;
/** Rows of the border. */
export const BOX_ROWS = 2;

export interface BoxContent {
  readonly title: string;
  /** Each exactly `width - BOX_COLUMNS` wide. */
  readonly rows: readonly string[];
  /** The keys that do something, as one line. */
  readonly footer?: string;
}

/** The rows in a border, at exactly the width. */
export function box({ title, rows, footer = '' }: BoxContent, width: number, theme: Theme): string[] {
  if (width < BOX_COLUMNS)
    return [...Array(rows.length + BOX_ROWS)].map(() => ' '.repeat(Math.max(0, width)));
  const { horizontal, vertical, topLeft, topRight, bottomLeft, bottomRight } = theme.lines;
  const border = (text: string): string => theme.paint('border', text);
  const edge = (left: string, right: string, label: string, look: 'title' | 'dim'): string => {
    const text = safeRow(label);
    const room = width - 6;
    const named = text === '' || room < 2 ? '' : ` ${fit(text, Math.min(room, textWidth(text)))} `;
    const rest = horizontal.repeat(Math.max(0, width - 3 - textWidth(named)));
    return `${border(left + horizontal)}${named === '' ? '' : theme.paint(look, named)}${border(rest + right)}`;
  };
  return [
    edge(topLeft, topRight, title, 'title'),
    ...rows.map((row) => `${border(vertical)} ${row} ${border(vertical)}`),
    edge(bottomLeft, bottomRight, footer, 'dim'),
  ];
}
