import { RESET } from '../../../core/terminal/sgr.ts';
import { spansOf } from './styled.ts';

/** What finds the query in a text; capitals count only when the query has some. An empty one is in no text. */
export function queryPattern(query: string): RegExp {
  return query === ''
    ? /(?!)/g
    : new RegExp(RegExp.escape(query), query === query.toLowerCase() ? 'giu' : 'gu');
}

/** Where a text holds what is searched for. @internal */
export function matchesIn(text: string, query: string): { readonly start: number; readonly end: number }[] {
  return Array.from(text.matchAll(queryPattern(query)), ({ index, 0: match }) => ({
    start: index,
    end: index + match.length,
  }));
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
