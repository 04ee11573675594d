/** What a line of a program's output is made of, as far as it matters for what is seen of it in the end. */
export type OutputPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tab' | 'return' | 'back' }
  /** What stands between `ESC [` and `m`. */
  | { readonly kind: 'style'; readonly parameters: string }
  /** "Erase in line": from the cursor to the end, from the start to the cursor, or all of it. */
  | { readonly kind: 'erase'; readonly what: 'right' | 'left' | 'all' };

const PARTS = new RegExp(
  [
    // A control sequence (ECMA-48 §5.4): parameters, intermediates, final. One that is cut short has no final.
    '(?:\\u001b\\[|\\u009b)([0-?]*)([ -/]*)([@-~]?)',
    // A string for the terminal: a title, the clipboard, a link, a sixel. One without an end ends with the line.
    '(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u0018\\u001a\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c|\\u0018|\\u001a)?',
    // Any other escape, such as ESC c (reset) and ESC ( 0 (line drawing).
    '\\u001b[ -/]*[0-~]?',
    '([^\\u0000-\\u001f\\u007f-\\u009f]+)',
    '([\\t\\r\\u0008])',
  ].join('|'),
  'g',
);
const REORDERING = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const COLOURS_ONLY = /^[\d;:]*$/;
const ERASE: Readonly<Record<string, 'right' | 'left' | 'all'>> = {
  '': 'right',
  '0': 'right',
  '1': 'left',
  '2': 'all',
};

/** Takes one line apart; every escape and control that is no part is dropped. */
export function outputParts(line: string): OutputPart[] {
  const parts: OutputPart[] = [];
  for (const [, parameters = '', intermediates, final, text, control] of line.matchAll(PARTS)) {
    if (text !== undefined) {
      parts.push({ kind: 'text', text: visibleText(text) });
    } else if (control !== undefined) {
      parts.push({ kind: control === '\t' ? 'tab' : control === '\r' ? 'return' : 'back' });
    } else if (final === 'm' && intermediates === '' && COLOURS_ONLY.test(parameters)) {
      parts.push({ kind: 'style', parameters });
    } else if (final === 'K' && intermediates === '') {
      const what = ERASE[parameters];
      if (what !== undefined) parts.push({ kind: 'erase', what });
    }
  }
  return parts;
}

/** Marks that reorder what stands behind them are shown as their numbers, halves of characters as U+FFFD. */
function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replace(REORDERING, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
