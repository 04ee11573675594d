import core from 'highlight.js/lib/core';
import { LANGUAGES, languageOf } from './languages.ts';
import { type Token, tokensOf } from './token.ts';

/** By text, its lines. */
export type Highlighted = readonly (readonly (readonly Token[])[])[];

/** Longer lines are data, and cost more than they show. */
const MOST_COLUMNS = 2_000;
/** So many lines at once keep the face from answering for some milliseconds at most. */
const LINES_AT_ONCE = 100;
/** Of one file; what is longer stays plain from there on. */
const MOST_LINES = 5_000;

/**
 * The texts of one file in the colours of its language, which its name tells; undefined when that is none that is
 * known. Lets others work between its parts.
 */
export async function highlight(path: string, texts: readonly string[]): Promise<Highlighted | undefined> {
  const language = languageOf(path);
  if (language === undefined) return undefined;
  if (core.getLanguage(language) === undefined) core.registerLanguage(language, LANGUAGES[language]);
  const highlighted: (readonly (readonly Token[])[])[] = [];
  let left = MOST_LINES;
  for (const text of texts) {
    const lines = text.split('\n');
    const done: (readonly Token[])[] = [];
    for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
      const part = lines.slice(from, from + LINES_AT_ONCE);
      const isPlain = left <= 0 || part.some((line) => line.length > MOST_COLUMNS);
      left -= part.length;
      if (isPlain) done.push(...part.map((line): readonly Token[] => [{ text: line }]));
      else {
        done.push(...tokensOf(core.highlight(part.join('\n'), { language, ignoreIllegals: true }).value));
        await nextTurn();
      }
    }
    highlighted.push(done);
  }
  return highlighted;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
