/**
 * How well the letters of `wanted` are found in `text` in their order; undefined when they are not. More is better:
 * letters beside each other and at the beginnings of words count most, and a short text beats a long one.
 */
export function fuzzyScore(text: string, wanted: string): number | undefined {
  const letters = wanted.toLowerCase().replaceAll(' ', '');
  const where = text.toLowerCase();
  let score = 0;
  let from = 0;
  let last = -2;
  for (const letter of letters) {
    const at = bestPlace(where, letter, { from, last });
    if (at === -1) return undefined;
    const isStart = at === 0 || /[\s.-]/.test(where[at - 1] ?? '');
    score += at === last + 1 ? 4 : isStart ? 3 : 0;
    last = at;
    from = at + 1;
  }
  return score - text.length / 100;
}

/** The place right behind the last letter, else at the beginning of a word, else the first one. */
function bestPlace(text: string, letter: string, { from, last }: { from: number; last: number }): number {
  if (text[last + 1] === letter && last >= 0) return last + 1;
  const first = text.indexOf(letter, from);
  if (first === -1) return -1;
  for (let at = first; at !== -1; at = text.indexOf(letter, at + 1)) {
    if (at === 0 || /[\s.-]/.test(text[at - 1] ?? '')) return at;
  }
  return first;
}
