import { type Glob, intersect, isPlain, parseGlob, type Segment, type Token } from './glob.ts';

/**
 * Could a task that writes `a` and one that writes `b` write the same file? Exact for paths and globs (see
 * `parseGlob`): true exactly when some path is matched by both. A list that is empty overlaps with nothing.
 *
 * A path such as `v1.2` may be a file or a directory. It covers what is written as standing below it (`v1.2/*`),
 * but a pattern for anywhere (`**` before a name) does not reach into it, or no task could run beside one that
 * writes all Markdown files. A `/` at its end makes it a directory.
 */
export function locksOverlap(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return false;
  const right = b.flatMap(compile);
  return a.flatMap(compile).some((one) => right.some((other) => globsMeet(one, other)));
}

const compiled = new Map<string, readonly Glob[]>();

/** Patterns come again with every dispatch, so what was parsed is kept, within a bound. */
function compile(pattern: string): readonly Glob[] {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  if (compiled.size >= 10_000) compiled.clear();
  const globs = parseGlob(pattern);
  compiled.set(pattern, globs);
  return globs;
}

function globsMeet(a: Glob, b: Glob): boolean {
  if (a.isFile && isAbove(a.segments, b.segments)) return true;
  if (b.isFile && isAbove(b.segments, a.segments)) return true;
  return pathsMeet(a.segments, b.segments);
}

/** Does `other` begin with the very names of the plain path `path`? */
function isAbove(path: readonly Segment[], other: readonly Segment[]): boolean {
  if (path.length > other.length) return false;
  return path.every((segment, i) => {
    const below = other[i];
    return below !== undefined && isPlain(segment) && isPlain(below) && segmentsMeet(segment, below);
  });
}

/** Is there a path that both match? Walks pairs of places in the two, each pair once. */
function pathsMeet(a: readonly Segment[], b: readonly Segment[]): boolean {
  return meet(a.length, b.length, (i, j) => {
    const [x, y] = [a[i], b[j]];
    const next: Step[] = [];
    // A globstar takes nothing, or one segment of the other side.
    if (x === 'globstar') next.push([i + 1, j]);
    if (y === 'globstar') next.push([i, j + 1]);
    if (x === undefined || y === undefined) return next;
    if (x === 'globstar' && y !== 'globstar') next.push([i, j + 1]);
    else if (x !== 'globstar' && y === 'globstar') next.push([i + 1, j]);
    else if (x !== 'globstar' && y !== 'globstar' && segmentsMeet(x, y)) next.push([i + 1, j + 1]);
    return next;
  });
}

/** Is there a name that both match? */
function segmentsMeet(a: readonly Token[], b: readonly Token[]): boolean {
  return meet(a.length, b.length, (i, j) => {
    const [x, y] = [a[i], b[j]];
    const next: Step[] = [];
    if (x?.kind === 'star') next.push([i + 1, j]);
    if (y?.kind === 'star') next.push([i, j + 1]);
    if (x?.kind === 'star' && y?.kind === 'set' && y.ranges.length > 0) next.push([i, j + 1]);
    if (y?.kind === 'star' && x?.kind === 'set' && x.ranges.length > 0) next.push([i + 1, j]);
    if (x?.kind === 'set' && y?.kind === 'set' && intersect(x.ranges, y.ranges).length > 0)
      next.push([i + 1, j + 1]);
    return next;
  });
}

type Step = readonly [i: number, j: number];

/** Can `steps` lead from the start of both to the end of both? */
function meet(endA: number, endB: number, steps: (i: number, j: number) => readonly Step[]): boolean {
  const seen = new Set<number>();
  const todo: Step[] = [[0, 0]];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    const [i, j] = at;
    if (i === endA && j === endB) return true;
    const key = i * (endB + 1) + j;
    if (seen.has(key)) continue;
    seen.add(key);
    todo.push(...steps(i, j));
  }
  return false;
}
