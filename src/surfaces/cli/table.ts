import type { Look, Paint } from './style.ts';
import { cut, pad, textWidth } from './width.ts';

export interface Column {
  readonly title: string;
  readonly side?: 'left' | 'right';
  /** This column gives way first when the table is too wide; without one the last column does. */
  readonly flexible?: boolean;
}

export interface Cell {
  readonly text: string;
  readonly look?: Look | undefined;
}

const GAP = '  ';
const LEAST_FLEXIBLE_WIDTH = 12;

/**
 * A table as lines, never wider than `width` where cutting the flexible column can do it. Cell texts are one
 * line and safe to print.
 */
export function table(options: {
  columns: readonly Column[];
  rows: readonly (readonly Cell[])[];
  width: number;
  paint: Paint;
}): string[] {
  const { columns, rows, paint } = options;
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[index]?.text ?? ''))),
  );
  const flexible = Math.max(
    columns.findIndex((column) => column.flexible === true),
    columns.some((column) => column.flexible === true) ? 0 : columns.length - 1,
  );
  const total = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1);
  const over = total - options.width;
  const flexWidth = widths[flexible] ?? 0;
  if (over > 0) widths[flexible] = Math.max(Math.min(flexWidth, LEAST_FLEXIBLE_WIDTH), flexWidth - over);

  const line = (cells: readonly Cell[]): string =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? { text: '' };
        const columnWidth = widths[index] ?? 0;
        const text = cut(cell.text, columnWidth);
        const isLast = index === columns.length - 1 && column.side !== 'right';
        const padded = isLast ? text : pad(text, columnWidth, column.side);
        return cell.look === undefined ? padded : paint(cell.look, padded);
      })
      .join(GAP)
      .trimEnd();

  return [
    line(columns.map((column) => ({ text: column.title, look: 'dim' }))),
    ...rows.map((row) => line(row)),
  ];
}
