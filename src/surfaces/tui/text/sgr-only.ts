import { opening, PLAIN, RESET, type Style, styleAfter } from '../../../core/terminal/sgr.ts';
import { textWidth } from '../../../core/terminal/width.ts';
import { type OutputPart, outputParts } from './output-parts.ts';
import { OverwrittenLine } from './overwritten-line.ts';
import { withoutStyles } from './styled.ts';

const SPECIAL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const TAB_COLUMNS = 8;

/** One line of a program's output, safe to print, and the style in which the next line begins. */
export interface SafeLine {
  readonly text: string;
  readonly style: Style;
}

/**
 * Text of others with its colours and nothing else that acts on a terminal: it cannot move the cursor, set a title or
 * the clipboard, or switch a mode. Of a line that was printed over, what was seen last stays; tabs become spaces, and
 * characters that reorder text become visible. Each line stands alone: it opens its colours and closes them.
 * @internal Exported for its tests; outputs take it line by line.
 */
export function sgrOnly(text: string): string {
  let style = PLAIN;
  return text
    .split('\n')
    .map((line) => {
      const safe = safeOutputLine(line, style);
      style = safe.style;
      return safe.text;
    })
    .join('\n');
}

/** As `sgrOnly`, for one line, without its line end, that begins in `style`. */
export function safeOutputLine(raw: string, style: Style): SafeLine {
  const line = withoutReturns(raw);
  if (isPlain(line)) {
    const open = line === '' ? '' : opening(style);
    return { text: open === '' ? line : `${open}${line}${RESET}`, style };
  }
  const parts = outputParts(line);
  const isOverwritten = parts.some(({ kind }) => kind === 'return' || kind === 'back' || kind === 'erase');
  return isOverwritten ? overwritten(parts, style) : inOrder(parts, style);
}

/** The style in which the line after this one begins: that of `safeOutputLine`, at a fraction of its cost. */
export function styleAfterLine(raw: string, style: Style): Style {
  const last = raw.lastIndexOf('\u001b');
  const control = raw.lastIndexOf('\u009b');
  if (last < 0 && control < 0) return style;
  // An escape character begins a sequence wherever it stands, so nothing before a reset counts.
  if (last > control && (raw.startsWith(RESET, last) || raw.startsWith('\u001b[m', last))) return PLAIN;
  return outputParts(raw).reduce(
    (before, part) => (part.kind === 'style' ? styleAfter(before, part.parameters) : before),
    style,
  );
}

/** The text of `safeOutputLine` without its colours. */
export function plainOutputLine(raw: string, style: Style): string {
  const line = withoutStyles(withoutReturns(raw));
  return isPlain(line) ? line : withoutStyles(safeOutputLine(raw, style).text);
}

function isPlain(line: string): boolean {
  return !SPECIAL.test(line) && line.isWellFormed();
}

function withoutReturns(raw: string): string {
  return raw.endsWith('\r') ? raw.replace(/\r+$/, '') : raw;
}

function inOrder(parts: readonly OutputPart[], begin: Style): SafeLine {
  const countsColumns = parts.some(({ kind }) => kind === 'tab');
  let column = 0;
  let style = begin;
  let open = '';
  let out = '';
  for (const part of parts) {
    if (part.kind === 'style') {
      style = styleAfter(style, part.parameters);
      continue;
    }
    const text = part.kind === 'text' ? part.text : toNextTab(column);
    if (countsColumns) column += textWidth(text);
    const next = opening(style);
    if (next !== open) out += open === '' ? next : RESET + next;
    open = next;
    out += text;
  }
  return { text: open === '' ? out : out + RESET, style };
}

function overwritten(parts: readonly OutputPart[], begin: Style): SafeLine {
  const line = new OverwrittenLine();
  let style = begin;
  for (const part of parts) {
    if (part.kind === 'style') style = styleAfter(style, part.parameters);
    else if (part.kind === 'text') line.print(part.text, opening(style));
    else if (part.kind === 'tab') line.move(TAB_COLUMNS - (line.column % TAB_COLUMNS));
    else if (part.kind === 'return') line.move(-line.column);
    else if (part.kind === 'erase') line.erase(part.what);
    else line.move(-1);
  }
  return { text: line.text(), style };
}

function toNextTab(column: number): string {
  return ' '.repeat(TAB_COLUMNS - (column % TAB_COLUMNS));
}
