/** A word of a line as it is meant, without its quotes, and where it begins. */
export interface LineWord {
  readonly text: string;
  readonly from: number;
}

/**
 * The words of a line, parted at blanks as a shell does: quotes keep words together, a backslash takes what follows.
 * The last one is the one that is being typed: it is empty behind a blank.
 */
export function lineWords(line: string): readonly [...LineWord[], LineWord] {
  const words: LineWord[] = [];
  let from: number | undefined;
  let text = '';
  let quote: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? '';
    const isBlank = quote === undefined && /\s/.test(char);
    if (isBlank) {
      if (from !== undefined) words.push({ text, from });
      from = undefined;
      text = '';
      continue;
    }
    from ??= at;
    if (char === '\\' && quote !== "'" && at + 1 < line.length) {
      at += 1;
      text += line[at] ?? '';
    } else if (char === quote) quote = undefined;
    else if (quote === undefined && (char === '"' || char === "'")) quote = char;
    else text += char;
  }
  return [...words, { text, from: from ?? line.length }];
}

/** The words of a line that is whole. */
export function splitLine(line: string): readonly string[] {
  const words = lineWords(line.trimEnd());
  const last = words.at(-1);
  const isThere = last !== undefined && last.from < line.trimEnd().length;
  return (isThere ? words : words.slice(0, -1)).map(({ text }) => text);
}

/** As it must be typed to be one word. */
export function quoted(word: string): string {
  if (word !== '' && !/[\s"'\\]/.test(word)) return word;
  return `"${word.replaceAll(/["\\]/g, '\\$&')}"`;
}
