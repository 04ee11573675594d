import type { IBuffer, IBufferCell } from '@xterm/headless';

/** How a piece of text looks; colours as `#rrggbb`, absent for the terminal's own. */
export interface Style {
  readonly colour: string | undefined;
  readonly ground: string | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isItalic: boolean;
  readonly isUnderlined: boolean;
}

/** Cells beside each other that look the same. */
export interface Run {
  readonly column: number;
  readonly columns: number;
  readonly text: string;
  readonly style: Style;
}

/** The 16 colours of a dark terminal. */
const BASIC = [
  ...['#1d2330', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#c8ccd4'],
  ...['#5c6370', '#ff7b86', '#b5e890', '#ffd68a', '#7cc4ff', '#dd8ff5', '#6fd6e0', '#ffffff'],
];
/** Of the cube of 6 × 6 × 6 colours behind them; xterm's. */
const CUBE_STEPS = [0, 95, 135, 175, 215, 255];

export const GROUND = '#11151c';
export const INK = '#c8ccd4';

/** The screen row by row. */
export function runsOf(
  buffer: IBuffer,
  size: { width: number; height: number },
): readonly (readonly Run[])[] {
  return Array.from({ length: size.height }, (_row, y) => {
    const line = buffer.getLine(buffer.baseY + y);
    const runs: Run[] = [];
    for (let column = 0; column < size.width; column += 1) {
      const cell = line?.getCell(column);
      if (cell === undefined || cell.getWidth() === 0) continue;
      const next = { column, columns: cell.getWidth(), text: cell.getChars() || ' ', style: styleOf(cell) };
      const last = runs.at(-1);
      if (last !== undefined && isSame(last.style, next.style)) {
        const columns = last.columns + next.columns;
        runs[runs.length - 1] = { ...last, columns, text: last.text + next.text };
      } else runs.push(next);
    }
    return runs;
  });
}

function styleOf(cell: IBufferCell): Style {
  const colour = cell.isFgDefault() ? undefined : hexOf(cell.getFgColor(), cell.isFgRGB());
  const ground = cell.isBgDefault() ? undefined : hexOf(cell.getBgColor(), cell.isBgRGB());
  const isInverse = cell.isInverse() !== 0;
  return {
    colour: isInverse ? (ground ?? GROUND) : colour,
    ground: isInverse ? (colour ?? INK) : ground,
    isBold: cell.isBold() !== 0,
    isDim: cell.isDim() !== 0,
    isItalic: cell.isItalic() !== 0,
    isUnderlined: cell.isUnderline() !== 0,
  };
}

function hexOf(colour: number, isRgb: boolean): string {
  return isRgb ? hex([colour >> 16, (colour >> 8) & 255, colour & 255]) : indexed(colour);
}

function indexed(number: number): string {
  const basic = BASIC[number];
  if (basic !== undefined) return basic;
  if (number >= 232) return hex(Array.from({ length: 3 }, () => 8 + (number - 232) * 10));
  const place = number - 16;
  return hex(
    [Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6].map((step) => CUBE_STEPS[step] ?? 0),
  );
}

function hex(parts: readonly number[]): string {
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function isSame(a: Style, b: Style): boolean {
  return (Object.keys(a) as (keyof Style)[]).every((key) => a[key] === b[key]);
}
