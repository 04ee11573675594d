/**
 * Columns that text takes on a terminal, and cutting to a number of columns. The text holds no control
 * characters; colours are laid on afterwards.
 */

// Blocks that terminals draw two columns wide: Hangul, CJK, kana, full-width forms (Unicode, EastAsianWidth).
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]/u;
const ASCII = /^[\x20-\x7e]*$/;

let segmenter: Intl.Segmenter | undefined;

export function textWidth(text: string): number {
  if (isAscii(text)) return text.length;
  let width = 0;
  for (const cluster of clusters(text)) width += clusterWidth(cluster);
  return width;
}

/** Every character takes one column. */
export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** The text in at most `columns` columns; a cut is shown by `…`. */
export function cut(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return '';
  let width = 0;
  let kept = '';
  for (const cluster of clusters(text)) {
    const next = clusterWidth(cluster);
    if (width + next > columns - 1) break;
    kept += cluster;
    width += next;
  }
  return `${kept.trimEnd()}…`;
}

/** Fills up with spaces to `columns`; longer text stays as it is. */
export function pad(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, columns - textWidth(text)));
  return side === 'left' ? text + fill : fill + text;
}

/** What a reader takes for one character each: a letter with its marks, an emoji of several parts. */
export function* clusters(text: string): Generator<string> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  for (const { segment } of segmenter.segment(text)) yield segment;
}

/** Columns of one cluster: 0, 1 or 2. */
export function clusterWidth(cluster: string): number {
  if (ZERO_WIDTH.test(cluster)) return 0;
  return WIDE.test(cluster) ? 2 : 1;
}
