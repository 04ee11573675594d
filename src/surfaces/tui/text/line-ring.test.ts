import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineRing } from './line-ring.ts';

// Some lines are as long as a good part of all that is kept, so that blocks grow, and are written in circles.
const LINE = fc
  .tuple(fc.constantFrom('', 'a', '世界', 'é', '\u001b[31mred'), fc.constantFrom(1, 3, 40, 700, 3_000))
  .map(([text, times]) => text.repeat(times));
const LINES = fc.array(LINE, { maxLength: 120 });

test('S3-49 a ring of lines gives back what was put in it, in numbers that stay, and holds no more than it may', () => {
  fc.assert(
    fc.property(LINES, LINES, LINES, (before, older, after) => {
      const limits = { mostLines: 150, mostBytes: 60_000 };
      const ring = new LineRing(limits);
      const all = new Map<number, string>();
      const push = (line: string) => {
        all.set(ring.end, line);
        ring.push(line);
      };
      for (const line of before) push(line);
      const first = ring.first;
      if (ring.prepend(older))
        for (const [at, line] of older.entries()) all.set(first - older.length + at, line);
      for (const line of after) push(line);
      let bytes = 0;
      for (let line = ring.first; line < ring.end; line += 1) {
        assert.equal(ring.at(line), all.get(line));
        bytes += Buffer.byteLength(all.get(line) ?? '');
      }
      assert.equal(ring.at(ring.first - 1), undefined);
      assert.equal(ring.at(ring.end), undefined);
      assert.ok(bytes <= limits.mostBytes && ring.end - ring.first <= limits.mostLines);
    }),
    { numRuns: 150 },
  );
});

test('a line that is longer than all that may be kept is kept alone', () => {
  const ring = new LineRing({ mostLines: 5, mostBytes: 10 });
  ring.push('short');
  ring.push('far too long for it');
  assert.deepEqual([ring.first, ring.end, ring.at(1)], [1, 2, 'far too long for it']);
  ring.push('next');
  assert.deepEqual([ring.first, ring.end, ring.at(2)], [2, 3, 'next']);
});
