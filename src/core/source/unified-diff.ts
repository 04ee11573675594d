const CONTEXT = 3;
/** Beyond so many changed lines the shortest way is not searched for: what differs is shown as one block. */
const MOST_CHANGES = 1_500;

/**
 * The difference of two texts as `git apply` takes it, empty when there is none. `name` is a path without blanks at its
 * ends. Lines keep their ends, so that a carriage return is part of the line.
 */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return '';
  const [a, b] = [linesOf(before), linesOf(after)];
  const hunks = hunksOf(changesBetween(a, b), a.length);
  const body = hunks.map((hunk) => {
    const [startA, startB] = [hunk.startA, hunk.startB];
    const head = `@@ -${span(startA, hunk.endA)} +${span(startB, hunk.endB)} @@\n`;
    let [i, j] = [startA, startB];
    const lines: string[] = [];
    const same = (until: number) => {
      for (; i < until; i++, j++) lines.push(shown(' ', a[i]));
    };
    for (const change of hunk.changes) {
      same(change.startA);
      for (; i < change.endA; i++) lines.push(shown('-', a[i]));
      for (; j < change.endB; j++) lines.push(shown('+', b[j]));
    }
    same(hunk.endA);
    return head + lines.join('');
  });
  return `--- a/${name}\n+++ b/${name}\n${body.join('')}`;
}

/** Lines `startA` to `endA` of the one text became lines `startB` to `endB` of the other; ends not included. */
interface Change {
  readonly startA: number;
  readonly endA: number;
  readonly startB: number;
  readonly endB: number;
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

function shown(mark: string, line = ''): string {
  return line.endsWith('\n') ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`;
}

function span(start: number, end: number): string {
  const count = end - start;
  const first = count === 0 ? start : start + 1;
  return count === 1 ? `${first}` : `${first},${count}`;
}

function hunksOf(changes: readonly Change[], lines: number) {
  const hunks: { startA: number; endA: number; startB: number; endB: number; changes: Change[] }[] = [];
  for (const change of changes) {
    const startA = Math.max(0, change.startA - CONTEXT);
    const endA = Math.min(lines, change.endA + CONTEXT);
    const last = hunks.at(-1);
    const endB = change.endB + (endA - change.endA);
    if (last !== undefined && startA <= last.endA) {
      Object.assign(last, { endA, endB });
      last.changes.push(change);
    } else {
      hunks.push({ startA, endA, startB: change.startB - (change.startA - startA), endB, changes: [change] });
    }
  }
  return hunks;
}

function changesBetween(a: readonly string[], b: readonly string[]): Change[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const inner = shortest(a.slice(start, endA), b.slice(start, endB));
  const whole = [{ startA: 0, endA: endA - start, startB: 0, endB: endB - start }];
  return (inner ?? whole).map((change) => ({
    startA: change.startA + start,
    endA: change.endA + start,
    startB: change.startB + start,
    endB: change.endB + start,
  }));
}

/** The fewest changed lines (Myers, "An O(ND) Difference Algorithm", 1986); undefined when there are too many. */
function shortest(a: readonly string[], b: readonly string[]): Change[] | undefined {
  const most = Math.min(a.length + b.length, MOST_CHANGES);
  const offset = most + 1;
  let reach = new Int32Array(2 * most + 3);
  const trace: Int32Array[] = [];
  for (let depth = 0; depth <= most; depth++) {
    trace.push(reach);
    reach = reach.slice();
    for (let k = -depth; k <= depth; k += 2) {
      const down = k === -depth || (k !== depth && at(reach, offset + k - 1) < at(reach, offset + k + 1));
      let x = down ? at(reach, offset + k + 1) : at(reach, offset + k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[offset + k] = x;
      if (x >= a.length && x - k >= b.length) return backwards(trace, { x: a.length, y: b.length, offset });
    }
  }
  return undefined;
}

function backwards(
  trace: readonly Int32Array[],
  { x: endX, y: endY, offset }: { x: number; y: number; offset: number },
): Change[] {
  const changes: Change[] = [];
  let [x, y] = [endX, endY];
  for (let depth = trace.length - 1; depth > 0; depth--) {
    const reach = trace[depth] as Int32Array;
    const k = x - y;
    const down = k === -depth || (k !== depth && at(reach, offset + k - 1) < at(reach, offset + k + 1));
    const from = down ? k + 1 : k - 1;
    const fromX = at(reach, offset + from);
    const fromY = fromX - from;
    const [startA, startB] = [fromX, fromY];
    const [endA, endB] = down ? [fromX, fromY + 1] : [fromX + 1, fromY];
    const last = changes[0];
    if (last !== undefined && last.startA === endA && last.startB === endB)
      changes[0] = { ...last, startA, startB };
    else changes.unshift({ startA, endA, startB, endB });
    [x, y] = [fromX, fromY];
  }
  return changes;
}

function at(values: Int32Array, index: number): number {
  return values[index] ?? 0;
}
