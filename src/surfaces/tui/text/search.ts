import { RESET } from '../../../core/terminal/sgr.ts';
import { spansOf } from './styled.ts';

/** Where a text holds what is searched for; capitals count only when the query has some. */
export function matchesIn(text: string, query: string): { readonly start: number; readonly end: number }[] {
  if (query === '') return [];
  const exact = query !== query.toLowerCase();
  const haystack = exact ? text : lowerCase(text);
  const matches: { start: number; end: number }[] = [];
  for (let at = haystack.indexOf(query); at >= 0; at = haystack.indexOf(query, at + query.length)) {
    matches.push({ start: at, end: at + query.length });
  }
  return matches;
}

/** In lower case, but for the few letters that get longer by it: places in the one are places in the other. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from(text, (letter) =>
    letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter,
  ).join('');
}

/** Safe text with every match of the query laid out by `mark`, which gets it without colours. */
export function markMatches(text: string, query: string, mark: (match: string) => string): string {
  const spans = spansOf(text);
  const plain = spans.map((span) => span.text).join('');
  const matches = matchesIn(plain, query);
  if (matches.length === 0) return text;
  let out = '';
  let offset = 0;
  let marked = 0;
  for (const { text: piece, open } of spans) {
    const end = offset + piece.length;
    let at = offset;
    while (at < end) {
      const match = matches[marked];
      const inside = match !== undefined && at >= match.start;
      const until = Math.min(end, match === undefined ? end : inside ? match.end : match.start);
      const part = plain.slice(at, until);
      out += inside ? mark(part) : open === '' ? part : open + part + RESET;
      if (inside && until === match.end) marked += 1;
      at = until;
    }
    offset = end;
  }
  return out;
}
