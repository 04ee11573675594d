import type { DiffLine } from './parse-diff.ts';

/** A row on the screen by the indices of its lines; of one line both are the same. */
export interface DiffRow {
  readonly left: number | undefined;
  readonly right: number | undefined;
}

/** By line, the one of the other side that differs from it by spaces alone. */
export type SamePairs = ReadonlyMap<number, number>;

/** Each line a row; of two that are the same the new one. */
export function unifiedRows(lines: readonly DiffLine[], same: SamePairs = NO_PAIRS): readonly DiffRow[] {
  return lines.flatMap(({ kind }, at) =>
    kind === 'removed' && same.has(at) ? [] : [{ left: at, right: at }],
  );
}

const NO_PAIRS: SamePairs = new Map();

/** Lines that were changed in their spaces alone, with what they became: in order, within one run of changes. */
export function spacePairs(lines: readonly DiffLine[]): SamePairs {
  const pairs = new Map<number, number>();
  const wordsAt = (at: number): string => (lines[at]?.text ?? '').replaceAll(/\s+/g, '');
  for (let at = 0; at < lines.length; ) {
    const removed = runOf(lines, at, 'removed');
    const added = runOf(lines, at + removed, 'added');
    const end = at + removed + added;
    let next = at + removed;
    for (let old = at; old < at + removed; old += 1) {
      let found = next;
      while (found < end && wordsAt(found) !== wordsAt(old)) found += 1;
      if (found === end) continue;
      pairs.set(old, found);
      pairs.set(found, old);
      next = found + 1;
    }
    at = Math.max(end, at + 1);
  }
  return pairs;
}

/** The old file on the left, the new one on the right: what came in the place of what stands beside it. */
export function splitRows(lines: readonly DiffLine[], same: SamePairs = NO_PAIRS): readonly DiffRow[] {
  const rows: DiffRow[] = [];
  let at = 0;
  while (at < lines.length) {
    const removed = runOf(lines, at, 'removed');
    const added = runOf(lines, at + removed, 'added');
    if (removed + added === 0) {
      rows.push({ left: at, right: at });
      at += 1;
      continue;
    }
    // What is the same stands beside itself; between two such rows what was changed.
    let [old, next] = [at, at + removed];
    for (let left = at; left <= at + removed; left += 1) {
      const right = left === at + removed ? at + removed + added : same.get(left);
      if (right === undefined) continue;
      rows.push(...beside({ from: old, to: left }, { from: next, to: right }));
      if (left < at + removed) rows.push({ left, right });
      [old, next] = [left + 1, right + 1];
    }
    at += removed + added;
  }
  return rows;
}

interface Run {
  readonly from: number;
  readonly to: number;
}

function beside(old: Run, next: Run): readonly DiffRow[] {
  const [removed, added] = [old.to - old.from, next.to - next.from];
  return Array.from({ length: Math.max(removed, added) }, (_, row) => ({
    left: row < removed ? old.from + row : undefined,
    right: row < added ? next.from + row : undefined,
  }));
}

function runOf(lines: readonly DiffLine[], from: number, kind: DiffLine['kind']): number {
  let end = from;
  while (lines[end]?.kind === kind) end++;
  return end - from;
}

/** The row that a line stands in, or else the one behind it. */
export function rowOfLine(rows: readonly DiffRow[], line: number): number {
  const own = rows.findIndex(({ left, right }) => left === line || right === line);
  if (own !== -1) return own;
  return Math.max(
    0,
    rows.findIndex(({ left, right }) => (right ?? left ?? 0) > line),
  );
}

/** The line that a row stands for: the new one, where there is one. */
export function lineOfRow(rows: readonly DiffRow[], row: number): number {
  const { left, right } = rows[Math.max(0, Math.min(row, rows.length - 1))] ?? { left: 0, right: 0 };
  return right ?? left ?? 0;
}

/** By line, the one of the other side that it came from or became: it stands at the same place of its run. */
export function partners(lines: readonly DiffLine[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const { left, right } of splitRows(lines)) {
    if (left === undefined || right === undefined || left === right) continue;
    found.set(left, right);
    found.set(right, left);
  }
  return found;
}

/** What differs between two lines, as a range of the first: all but what both begin and end with. */
export function changedRange(text: string, other: string): readonly [from: number, to: number] {
  const most = Math.min(text.length, other.length);
  let from = 0;
  while (from < most && text[from] === other[from]) from++;
  let end = 0;
  while (end < most - from && text.at(-1 - end) === other.at(-1 - end)) end++;
  // Half a character is none.
  const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;
  if (isLow(text.charCodeAt(from))) from -= 1;
  const to = text.length - end;
  return [from, isLow(text.charCodeAt(to)) ? to + 1 : to];
}
