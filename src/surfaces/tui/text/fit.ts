import { RESET } from '../../../core/terminal/sgr.ts';
import { clusters, clusterWidth, detached, isAscii, textWidth } from '../../../core/terminal/width.ts';
import { spansOf } from './styled.ts';

/** Columns of safe text, which may hold colours. */
export function columnsOf(text: string): number {
  if (!text.includes('\u001b')) return textWidth(text);
  // One by one: a character is never put together from both sides of a colour.
  return spansOf(text).reduce((sum, span) => sum + textWidth(span.text), 0);
}

/** Safe text in exactly `width` columns: filled up with spaces, or cut, which `…` shows. Colours are closed. */
export function fit(line: string, width: number, side: 'left' | 'right' = 'left'): string {
  if (width <= 0) return '';
  const text = detached(line);
  const columns = columnsOf(text);
  if (columns > width) return cutStyled(text, width);
  const fill = ' '.repeat(width - columns);
  const closed = closedText(text);
  return side === 'left' ? closed + fill : fill + closed;
}

function cutStyled(text: string, width: number): string {
  let out = '';
  let left = width - 1;
  for (const { text: piece, open } of spansOf(text)) {
    const { kept, columns } = firstColumns(piece, left);
    out += open === '' ? kept : `${open}${kept}${RESET}`;
    left -= columns;
    if (kept.length < piece.length) break;
  }
  return `${out}…${' '.repeat(left)}`;
}

/** As much of the text as `most` columns hold. */
export function firstColumns(
  text: string,
  most: number,
): { readonly kept: string; readonly columns: number } {
  if (isAscii(text)) {
    const kept = text.slice(0, Math.max(0, most));
    return { kept, columns: kept.length };
  }
  let kept = '';
  let columns = 0;
  for (const cluster of clusters(text)) {
    const next = clusterWidth(cluster);
    if (columns + next > most) break;
    kept += cluster;
    columns += next;
  }
  return { kept, columns };
}

function closedText(text: string): string {
  return text.includes('\u001b') && !text.endsWith(RESET) ? text + RESET : text;
}
