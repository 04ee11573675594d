/**
 * Columns that text takes on a terminal, and cutting to a number of columns. The text holds no control
 * characters; colours are laid on afterwards.
 */

// Blocks that terminals draw two columns wide: Hangul, CJK, kana, full-width forms (Unicode, EastAsianWidth).
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]/u;
// Signs of some scripts that are segmented together with any letter behind them, but drawn in a cell of their own.
const PREPENDED =
  /^[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\u{110bd}\u{110cd}\u{111c2}\u{111c3}\u{113d1}\u{1193f}\u{11941}\u{11a3a}\u{11a84}-\u{11a89}\u{11d46}\u{11f02}](?=.)/su;
const ASCII = /^[\x20-\x7e]*$/;
// Characters that never join a neighbour that is one of them, so that no segmenter is needed: Latin, Greek, Cyrillic,
// punctuation, arrows, lines and blocks; and, from U+3001 on and two columns wide, kana, CJK and Hangul syllables.
const LONERS =
  '\\x20-\\x7e\\xa0-\\xac\\xae-\\u02ff\\u0370-\\u0482\\u048a-\\u052f\\u2010-\\u2027\\u2190-\\u2319\\u2500-\\u25fc\\u2713-\\u2717' +
  '\\u3001-\\u3020\\u3041-\\u3096\\u30a1-\\u30fa\\u4e00-\\u9fff\\uac00-\\ud7a3\\uff01-\\uff60';
const ALL_LONERS = new RegExp(`^[${LONERS}]*$`);
const FIRST_WIDE_LONER = 0x3001;

let segmenter: Intl.Segmenter | undefined;

export function textWidth(text: string): number {
  if (isAscii(text)) return text.length;
  if (ALL_LONERS.test(text)) return widthOfLoners(text);
  let width = 0;
  for (const cluster of clusters(text)) width += clusterWidth(cluster);
  return width;
}

function widthOfLoners(text: string): number {
  let width = text.length;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) >= FIRST_WIDE_LONER) width += 1;
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
export function clusters(text: string): Iterable<string> {
  return ALL_LONERS.test(text) ? text : segmented(text);
}

function* segmented(text: string): Generator<string> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  for (const { segment } of segmenter.segment(text)) {
    const [sign] = PREPENDED.exec(segment) ?? [];
    if (sign === undefined) yield segment;
    else yield* [sign, segment.slice(sign.length)];
  }
}

/**
 * The text without what would join the character before it, were it printed behind one: a mark or a joiner at its
 * start becomes U+FFFD, so that text put together from parts is as wide as its parts.
 */
export function detached(text: string): string {
  if (text === '' || (text.charCodeAt(0) < 0x300 && text.charCodeAt(0) !== 0xad)) return text;
  if (ALL_LONERS.test(text.slice(0, 1))) return text;
  const [first = ''] = Array.from(text);
  const [before] = clusters(`|${first}`);
  return before === '|' ? text : `\ufffd${detached(text.slice(first.length))}`;
}

/** Columns of one cluster: 0, 1 or 2. */
export function clusterWidth(cluster: string): number {
  if (cluster.length === 1 && ALL_LONERS.test(cluster)) return widthOfLoners(cluster);
  if (ZERO_WIDTH.test(cluster)) return 0;
  return WIDE.test(cluster) ? 2 : 1;
}
