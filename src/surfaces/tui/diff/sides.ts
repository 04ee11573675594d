import type { Token } from '../syntax/token.ts';
import type { DiffLine } from './parse-diff.ts';

/** Text of one side of a hunk, to be coloured as code, with the lines of the diff that it is made of. */
export interface Side {
  readonly text: string;
  readonly lines: readonly number[];
}

/** Both sides of every hunk: new, then old. */
export function sidesOf(lines: readonly DiffLine[]): readonly Side[] {
  const hunks: { next: number[]; old: number[] }[] = [];
  for (const [at, line] of lines.entries()) {
    if (line.kind === 'hunk') hunks.push({ next: [], old: [] });
    if ('new' in line) hunks.at(-1)?.next.push(at);
    if ('old' in line) hunks.at(-1)?.old.push(at);
  }
  const side = (at: readonly number[]): Side => ({
    text: at.map((each) => lines[each]?.text).join('\n'),
    lines: at,
  });
  // An old side that is all context says nothing that the new one does not.
  return hunks.flatMap(({ next, old }) =>
    old.some((at) => lines[at]?.kind === 'removed') ? [side(next), side(old)] : [side(next)],
  );
}

/** By line of the diff, its code; what both sides have is coloured as the new one. */
export function tokensByLine(
  sides: readonly Side[],
  coloured: readonly (readonly (readonly Token[])[])[],
): ReadonlyMap<number, readonly Token[]> {
  const found = new Map<number, readonly Token[]>();
  for (const [index, { lines }] of sides.entries()) {
    for (const [at, line] of lines.entries()) {
      const tokens = coloured[index]?.[at];
      if (tokens !== undefined && !found.has(line)) found.set(line, tokens);
    }
  }
  return found;
}
