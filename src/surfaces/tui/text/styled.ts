import { opening, PLAIN, type Style, styleAfter } from '../../../core/terminal/sgr.ts';

/** A stretch of text in one style. */
export interface Span {
  readonly text: string;
  /** The sequence that opens its style; empty for none. */
  readonly open: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape of the sequences that set colours.
const STYLE = /\u001b\[([\d;:]*)m/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape of the sequences that set colours.
const STYLES = /\u001b\[[\d;:]*m/g;

/** Safe text (see `sgrOnly`) as stretches of one style each. */
export function spansOf(text: string): Span[] {
  if (!text.includes('\u001b')) return text === '' ? [] : [{ text, open: '' }];
  const spans: Span[] = [];
  let style: Style = PLAIN;
  // Split by a pattern with one group: texts and what is in the group take turns.
  text.split(STYLE).forEach((piece, index) => {
    if (index % 2 === 1) style = styleAfter(style, piece);
    else if (piece !== '') spans.push({ text: piece, open: opening(style) });
  });
  return spans;
}

/** Safe text without its colours. */
export function withoutStyles(text: string): string {
  return text.includes('\u001b') ? text.replace(STYLES, '') : text;
}
