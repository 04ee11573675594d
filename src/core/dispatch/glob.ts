/** What one place of a segment may be. `star` is any run of characters, also none. */
export type Token = { readonly kind: 'star' } | { readonly kind: 'set'; readonly ranges: readonly Range[] };
/** Two code points, both included. */
export type Range = readonly [from: number, to: number];
/** One part of a path between slashes; `globstar` is any number of parts, also none. */
export type Segment = readonly Token[] | 'globstar';

/** One way to read a pattern. */
export interface Glob {
  readonly segments: readonly Segment[];
  /** A plain path whose last name has an extension: most likely a file, though it may be a directory. */
  readonly isFile: boolean;
}

const SLASH = 47;
const LAST = 0x10ffff;
const ANY: readonly Range[] = [
  [0, SLASH - 1],
  [SLASH + 1, LAST],
];
/** More alternatives than this are not told apart. */
const MOST_ALTERNATIVES = 256;

/**
 * A path or glob, one reading for each alternative in braces. Knows `*`, `?`, `[a-z]`, `[!a]`, `**`, `{a,b}` and
 * `\` before a character that means itself. A pattern without wildcards, or one that ends in `/`, also stands for
 * everything below; so do `.` and an empty pattern, for the whole repository.
 */
export function parseGlob(pattern: string): readonly Glob[] {
  const alternatives = expandBraces(pattern);
  if (alternatives !== undefined) return alternatives.map(parseAlternative);
  // Too many to try: take everything below the part before the first brace.
  const fixed = pattern.slice(0, pattern.indexOf('{'));
  return [parseAlternative(`${fixed.slice(0, fixed.lastIndexOf('/') + 1)}**`)];
}

function parseAlternative(pattern: string): Glob {
  const parts: string[] = [];
  for (const part of pattern.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  const segments = parts.map((part): Segment => (part === '**' ? 'globstar' : parseSegment(part)));
  if (pattern.endsWith('/')) return { segments: [...segments, 'globstar'], isFile: false };
  if (!segments.every(isPlain)) return { segments, isFile: false };
  if (/[^.]\.\w+$/.test(parts.at(-1) ?? '')) return { segments, isFile: true };
  return { segments: [...segments, 'globstar'], isFile: false };
}

/** A segment that matches one name only. */
export function isPlain(segment: Segment): segment is readonly Token[] {
  return segment !== 'globstar' && segment.every(isLiteral);
}

function isLiteral(token: Token): boolean {
  return token.kind === 'set' && token.ranges.length === 1 && token.ranges[0]?.[0] === token.ranges[0]?.[1];
}

function parseSegment(part: string): readonly Token[] {
  const chars = [...part];
  const tokens: Token[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] as string;
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
      continue;
    }
    if (char === '?') {
      tokens.push({ kind: 'set', ranges: ANY });
      continue;
    }
    const set = char === '[' ? parseClass(chars, i) : undefined;
    if (set !== undefined) {
      tokens.push({ kind: 'set', ranges: set.ranges });
      i = set.end;
      continue;
    }
    if (char === '\\' && i + 1 < chars.length) i++;
    const code = (chars[i] as string).codePointAt(0) ?? 0;
    tokens.push({ kind: 'set', ranges: [[code, code]] });
  }
  return tokens;
}

/** A class that begins at `start`; `undefined` when it is not closed, then the bracket means itself. */
function parseClass(
  chars: readonly string[],
  start: number,
): { ranges: readonly Range[]; end: number } | undefined {
  let i = start + 1;
  const negated = chars[i] === '!' || chars[i] === '^';
  if (negated) i++;
  const ranges: Range[] = [];
  for (let first = true; i < chars.length; first = false) {
    if (chars[i] === ']' && !first) {
      const merged = merge(ranges);
      return { ranges: intersect(negated ? complement(merged) : merged, ANY), end: i };
    }
    const from = code(chars, i);
    i = from.next;
    if (chars[i] === '-' && chars[i + 1] !== undefined && chars[i + 1] !== ']') {
      const to = code(chars, i + 1);
      i = to.next;
      if (from.code <= to.code) ranges.push([from.code, to.code]);
    } else ranges.push([from.code, from.code]);
  }
  return undefined;
}

function code(chars: readonly string[], i: number): { code: number; next: number } {
  const at = chars[i] === '\\' && chars[i + 1] !== undefined ? i + 1 : i;
  return { code: chars[at]?.codePointAt(0) ?? 0, next: at + 1 };
}

function merge(ranges: readonly Range[]): readonly Range[] {
  const merged: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

function complement(ranges: readonly Range[]): readonly Range[] {
  const rest: Range[] = [];
  let next = 0;
  for (const [from, to] of ranges) {
    if (from > next) rest.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= LAST) rest.push([next, LAST]);
  return rest;
}

/** What is in both; both sorted. */
export function intersect(a: readonly Range[], b: readonly Range[]): readonly Range[] {
  const both: Range[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [[a0, a1], [b0, b1]] = [a[i] as Range, b[j] as Range];
    if (Math.max(a0, b0) <= Math.min(a1, b1)) both.push([Math.max(a0, b0), Math.min(a1, b1)]);
    if (a1 < b1) i++;
    else j++;
  }
  return both;
}

/** Every alternative, or `undefined` when there are too many. Braces without a comma, or not closed, mean themselves. */
function expandBraces(pattern: string): readonly string[] | undefined {
  const done: string[] = [];
  const todo: { text: string; from: number }[] = [{ text: pattern, from: 0 }];
  for (let item = todo.pop(); item !== undefined; item = todo.pop()) {
    const braces = nextBraces(item.text, item.from);
    if (braces === undefined) done.push(item.text);
    else {
      const { start, end, options } = braces;
      for (const option of options) {
        todo.push({ text: item.text.slice(0, start) + option + item.text.slice(end + 1), from: start });
      }
    }
    if (done.length + todo.length > MOST_ALTERNATIVES) return undefined;
  }
  return done;
}

function nextBraces(
  text: string,
  from: number,
): { start: number; end: number; options: string[] } | undefined {
  for (let start = from; start < text.length; start++) {
    if (text[start] === '\\') {
      start++;
      continue;
    }
    if (text[start] !== '{') continue;
    const found = closeBraces(text, start);
    if (found !== undefined) return found;
  }
  return undefined;
}

function closeBraces(
  text: string,
  start: number,
): { start: number; end: number; options: string[] } | undefined {
  const options: string[] = [];
  let depth = 0;
  let begin = start + 1;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') i++;
    else if (char === '{') depth++;
    else if (char === ',' && depth === 1) {
      options.push(text.slice(begin, i));
      begin = i + 1;
    } else if (char === '}' && --depth === 0) {
      options.push(text.slice(begin, i));
      return options.length > 1 ? { start, end: i, options } : undefined;
    }
  }
  return undefined;
}
