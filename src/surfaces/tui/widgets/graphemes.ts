let segmenter: Intl.Segmenter | undefined;

/** What a person takes for one character: where it begins in the text, and its own text. */
export function graphemes(text: string): readonly { readonly at: number; readonly text: string }[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ index, segment }) => ({ at: index, text: segment }));
}

/** Where the character before `at` begins; 0 at the start. */
export function before(text: string, at: number): number {
  const start = lineStart(text, at);
  // A line end is one character, and no character reaches over it.
  if (start === at) return Math.max(0, at - 1);
  return start + (graphemes(text.slice(start, at)).at(-1)?.at ?? 0);
}

/** Where the character at `at` ends. */
export function after(text: string, at: number): number {
  if (at >= text.length) return text.length;
  if (text[at] === '\n') return at + 1;
  return at + (graphemes(text.slice(at, lineEnd(text, at)))[0]?.text.length ?? 1);
}

/** The next place between two characters, from `at` on: what is typed may join what stands beside it. */
export function boundary(text: string, at: number): number {
  const start = lineStart(text, at);
  const end = lineEnd(text, at);
  const next = graphemes(text.slice(start, end)).find((each) => start + each.at >= at);
  return next === undefined ? end : start + next.at;
}

/** Where the line of `at` begins. */
export function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}

/** Where the line of `at` ends, before its line end. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

const WORD = /[\p{L}\p{N}_]/u;

/** Where the word begins that is left of `at`. */
export function wordBefore(text: string, at: number): number {
  let place = at;
  while (place > 0 && !WORD.test(text.slice(before(text, place), place))) place = before(text, place);
  while (place > 0 && WORD.test(text.slice(before(text, place), place))) place = before(text, place);
  return place;
}

/** Where the word ends that is right of `at`. */
export function wordAfter(text: string, at: number): number {
  let place = at;
  while (place < text.length && !WORD.test(text.slice(place, after(text, place)))) place = after(text, place);
  while (place < text.length && WORD.test(text.slice(place, after(text, place)))) place = after(text, place);
  return place;
}
