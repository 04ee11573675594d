import { safeLine } from '../cli/safe-text.ts';
import { cut, textWidth } from '../cli/width.ts';
import type { Look, Theme } from './theme.ts';

/** A piece of a row: plain text from anywhere, and how it looks. */
export type Span = readonly [text: string, look?: Look | undefined];

/** One row of exactly the width: what does not fit is cut, the rest is filled up. */
export function row(spans: readonly Span[], width: number, theme: Theme, fill?: Look): string {
  let left = width;
  let drawn = '';
  for (const [text, look] of spans) {
    if (left <= 0) break;
    const whole = safeLine(text);
    const safe = cut(whole, left);
    left -= textWidth(safe);
    drawn += look === undefined ? safe : theme.paint(look, safe);
    // Behind what was cut comes nothing, also where a blank was left over.
    if (safe !== whole) break;
  }
  if (left <= 0) return drawn;
  const rest = ' '.repeat(left);
  return drawn + (fill === undefined ? rest : theme.paint(fill, rest));
}

/** How many columns they take when nothing is cut. */
export function columnsOfSpans(spans: readonly Span[]): number {
  return spans.reduce((sum, [text]) => sum + textWidth(safeLine(text)), 0);
}

/** Spans on the left and on the right of one row; the right ones stay whole as long as there is room for them. */
export function spread(left: readonly Span[], right: readonly Span[], width: number, theme: Theme): string {
  const taken = columnsOfSpans(right);
  if (taken + 1 >= width) return row(left, width, theme);
  return row(left, width - taken, theme) + row(right, taken, theme);
}

/** Spans with a line behind them to the end of the row. */
export function ruled(spans: readonly Span[], width: number, theme: Theme, rule: Span): string {
  const taken = columnsOfSpans(spans);
  const [char, look] = rule;
  return row([...spans, [char.repeat(Math.max(0, width - taken)), look]], width, theme);
}

/** Exactly `height` rows: the last ones go, or empty ones are added. */
export function fill(rows: readonly string[], width: number, height: number): readonly string[] {
  if (rows.length >= height) return rows.slice(0, Math.max(0, height));
  const empty = ' '.repeat(width);
  return [...rows, ...Array.from({ length: height - rows.length }, () => empty)];
}

/** `████░░░░` for a share between 0 and 1. */
export function bar(share: number, width: number, theme: Theme): readonly Span[] {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return [
    [theme.lines.full.repeat(full), 'done'],
    [theme.lines.light.repeat(width - full), 'border'],
  ];
}

/** The line above what has the focus: told from the others without any colour. */
export function heavy({ lines }: Theme): string {
  return lines.horizontal === '-' ? '=' : '━';
}
