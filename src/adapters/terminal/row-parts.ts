import type { TerminalLook } from '../../core/terminal/ports.ts';
import { inDepth, opening, PLAIN, type Style, styleAfter } from '../../core/terminal/sgr.ts';
import { clusters, clusterWidth } from '../../core/terminal/width.ts';

/** More marks on one letter than any language has. */
const LONGEST_CLUSTER = 32;
const REPLACEMENT = '\ufffd';

/** A stretch of a row in one style. */
export interface RowPart {
  readonly text: string;
  readonly column: number;
  readonly width: number;
  /** The sequence that opens its style; empty for none. */
  readonly open: string;
  /**
   * Every terminal draws each of its characters one column wide, so that it can be cut anywhere. About other
   * characters, such as emoji of several parts, terminals disagree.
   */
  readonly isSure: boolean;
}

// ASCII, Latin-1 without the soft hyphen, lines and blocks.
const SURE = '\\x20-\\x7e\\xa0-\\xac\\xae-\\xff\\u2500-\\u259f';
// Numbered groups: named ones make an object of them for each piece of a row.
const PIECES = new RegExp(
  [
    '\\u001b\\[([\\d;:]*)m',
    // Not the last one before another character, which may be a mark that belongs to it.
    `([${SURE}]+(?=[${SURE}\\u001b]|$))`,
    `([${SURE}]?[^${SURE}\\u0000-\\u001f\\u007f-\\u009f]+)`,
  ].join('|'),
  'gu',
);

/**
 * Takes a row apart: text and colours, in the colours that the terminal has, exactly `width` columns. Anything else
 * in it, which nobody should have put there, is left out.
 */
export function rowParts(row: string, width: number, look: TerminalLook): RowPart[] {
  const parts: RowPart[] = [];
  let style: Style = PLAIN;
  let open = '';
  let column = 0;
  const add = (text: string, columns: number, isSure: boolean): void => {
    const last = parts.at(-1);
    if (isSure && last?.isSure === true && last.open === open) {
      parts[parts.length - 1] = { ...last, text: last.text + text, width: last.width + columns };
    } else {
      parts.push({ text, column, width: columns, open, isSure });
    }
    column += columns;
  };
  for (const [, parameters, sure, other] of row.matchAll(PIECES)) {
    if (parameters !== undefined) {
      style = styleAfter(style, parameters);
      open = opening(inDepth(style, look.colours));
    } else if (sure !== undefined && look.unicode) {
      const text = sure.slice(0, width - column);
      if (text !== '') add(text, text.length, true);
    } else {
      for (const cluster of clusters(sure ?? other ?? '')) {
        const columns = clusterWidth(cluster);
        if (column + columns > width) break;
        if (isAsciiChar(cluster)) add(cluster, 1, true);
        else if (!look.unicode) add('?'.repeat(columns), columns, true);
        else if (columns > 0)
          add(cluster.length > LONGEST_CLUSTER ? REPLACEMENT.repeat(columns) : cluster, columns, false);
      }
    }
    if (column >= width) break;
  }
  open = '';
  if (column < width) add(' '.repeat(width - column), width - column, true);
  return parts;
}

function isAsciiChar(cluster: string): boolean {
  return cluster.length === 1 && cluster >= ' ' && cluster <= '~';
}
