import type { DiffLine } from './parse-diff.ts';

/** A row on the screen by the indices of its lines; of one line both are the same. */
export interface DiffRow {
  readonly left: number | undefined;
  readonly right: number | undefined;
}

/** Each line a row. */
export function unifiedRows(lines: readonly DiffLine[]): readonly DiffRow[] {
  return lines.map((_, at) => ({ left: at, right: at }));
}

/** The old file on the left, the new one on the right: what came in the place of what stands beside it. */
export function splitRows(lines: readonly DiffLine[]): readonly DiffRow[] {
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
    for (let row = 0; row < Math.max(removed, added); row++) {
      rows.push({
        left: row < removed ? at + row : undefined,
        right: row < added ? at + removed + row : undefined,
      });
    }
    at += removed + added;
  }
  return rows;
}

function runOf(lines: readonly DiffLine[], from: number, kind: DiffLine['kind']): number {
  let end = from;
  while (lines[end]?.kind === kind) end++;
  return end - from;
}

/** The row that a line stands in. */
export function rowOfLine(rows: readonly DiffRow[], line: number): number {
  return Math.max(
    0,
    rows.findIndex(({ left, right }) => left === line || right === line),
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
