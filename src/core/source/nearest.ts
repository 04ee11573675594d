/**
 * The word of `known` that `word` was probably meant to be, or `undefined` when none is near. Case, `-` and
 * `_` do not count, so `dependsOn` finds `depends_on`; a swap of two letters counts as one slip.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = plain(word);
  if (wanted === '' || wanted.length > 64) return undefined;
  const most = wanted.length <= 4 ? 1 : wanted.length <= 7 ? 2 : 3;
  let best: { word: string; slips: number } | undefined;
  for (const candidate of known) {
    const other = plain(candidate);
    if (Math.abs(other.length - wanted.length) > most) continue;
    const slips = distance(wanted, other, most);
    if (slips <= most && slips < other.length && (best === undefined || slips < best.slips)) {
      best = { word: candidate, slips };
    }
  }
  return best?.word;
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, '');
}

/** Letters to insert, remove, replace or swap to make `b` of `a`; anything above `most` comes back as more. */
function distance(a: string, b: string, most: number): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    if (Math.min(...row) > most) return most + 1;
    before = last;
    last = row;
  }
  return last[b.length] ?? most + 1;
}
