/** A piece of a text to be replaced by another one. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Of several at one place, the lower comes first; 0 when absent. */
  readonly order?: number;
}

/** Applies splices that do not overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  const inOrder = splices.toSorted(
    (a, b) => a.start - b.start || (a.order ?? 0) - (b.order ?? 0) || a.end - b.end,
  );
  for (const splice of inOrder) {
    parts.push(text.slice(at, splice.start), splice.text);
    at = Math.max(at, splice.end);
  }
  return parts.join('') + text.slice(at);
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The beginning of the next line; the end of the text when there is none. */
export function nextLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
}

/** Inserts whole lines at the beginning of a line, or after the last one even when that has no end. */
export function linesAt(text: string, offset: number, lines: readonly string[], eol: string): Splice {
  const open = offset === text.length && text !== '' && !text.endsWith('\n');
  const body = lines.map((line) => `${line}${eol}`).join('');
  return { start: offset, end: offset, text: open ? `${eol}${body}` : body };
}
