import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unifiedDiff } from '../../../core/source/unified-diff.ts';
import { changedRange, lineOfRow, rowOfLine, spacePairs, splitRows, unifiedRows } from './diff-rows.ts';
import { lineNumberAt, parseDiff } from './parse-diff.ts';
import { sidesOf, tokensByLine } from './sides.ts';

const numbers = (path: string) =>
  ({ path, status: 'modified', insertions: 1, deletions: 1, binary: false }) as const;

const TEXT = `diff --git a/a.ts b/a.ts
index 1..2 100644
--- a/a.ts
+++ b/a.ts
@@ -3,4 +3,5 @@ function a() {
 same
-old one
-old two
+new one
+new two
+new three
 end
\\ No newline at end of file
diff --git a/b.bin b/b.bin
new file mode 100644
Binary files differ
`;

test('a diff is read by its files, each line with its numbers', () => {
  const [a, b, c] = parseDiff(TEXT, [numbers('a.ts'), numbers('b.bin'), numbers('cut off')]);
  assert.deepEqual(a?.lines, [
    { kind: 'hunk', text: '@@ -3,4 +3,5 @@ function a() {' },
    { kind: 'same', old: 3, new: 3, text: 'same' },
    { kind: 'removed', old: 4, text: 'old one' },
    { kind: 'removed', old: 5, text: 'old two' },
    { kind: 'added', new: 4, text: 'new one' },
    { kind: 'added', new: 5, text: 'new two' },
    { kind: 'added', new: 6, text: 'new three' },
    { kind: 'same', old: 6, new: 7, text: 'end' },
    { kind: 'note', text: 'No newline at end of file' },
  ]);
  assert.deepEqual(
    b?.lines?.map(({ text }) => text),
    ['new file mode 100644', 'Binary files differ'],
  );
  assert.equal(c?.lines, undefined);
});

test('side by side, what came stands beside what went', () => {
  const [{ lines = [] } = {}] = parseDiff(TEXT, [numbers('a.ts')]);
  const rows = splitRows(lines);
  assert.deepEqual(rows.slice(2, 5), [
    { left: 2, right: 4 },
    { left: 3, right: 5 },
    { left: undefined, right: 6 },
  ]);
  assert.equal(rowOfLine(rows, 6), 4);
  assert.equal(lineOfRow(rows, 3), 5);
  assert.deepEqual(
    [2, 3, 6, 8, 99].map((at) => lineNumberAt(lines, at)),
    [4, 4, 6, 7, undefined],
  );
});

test('of two lines, the change is what is not the same at both ends, and never half a character', () => {
  assert.deepEqual(changedRange('let a = 1;', 'let bc = 1;'), [4, 5]);
  assert.deepEqual(changedRange('abc', 'abc'), [3, 3]);
  const [from, to] = changedRange('x😀y', 'x😁y');
  assert.equal('x😀y'.slice(from, to), '😀');
});

test('every line of any diff has its place in both views, and its code on its side', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 })
    .map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = unifiedDiff('f', before, after);
      const [{ lines = [] } = {}] = parseDiff(diff === '' ? '' : `diff --git a/f b/f\n${diff}`, [
        numbers('f'),
      ]);
      const split = splitRows(lines);
      const seen = new Set(split.flatMap(({ left, right }) => [left, right]));
      for (const [at, { text: line }] of lines.entries()) {
        assert.ok(seen.has(at));
        assert.equal(rowOfLine(unifiedRows(lines), at), at);
        if (lines[at]?.kind === 'added') assert.ok(after.includes(line));
      }
      const sides = sidesOf(lines);
      const tokens = tokensByLine(
        sides,
        sides.map((side) => side.text.split('\n').map((line) => [{ text: line }])),
      );
      for (const [at, line] of lines.entries()) {
        if (line.kind !== 'hunk' && line.kind !== 'note') assert.equal(tokens.get(at)?.[0]?.text, line.text);
      }
    }),
  );
});

test('lines that differ in spaces alone are found in order, also around one that was put in between', () => {
  const text = [
    'diff --git a/a b/a',
    '@@ -1,4 +1,5 @@',
    ' start',
    '-one();',
    '-two();',
    '-gone',
    '+if (x) {',
    '+  one();',
    '+  two( );',
    '+new',
    ' end',
  ].join('\n');
  const numbers = { path: 'a', status: 'modified', insertions: 4, deletions: 3, binary: false } as const;
  const lines = parseDiff(text, [numbers])[0]?.lines ?? [];
  const same = spacePairs(lines);
  const named = (at: number | undefined) => (at === undefined ? '' : (lines[at]?.text ?? ''));
  assert.deepEqual(
    [...same].filter(([at]) => lines[at]?.kind === 'removed').map(([old, next]) => [named(old), named(next)]),
    [
      ['one();', '  one();'],
      ['two();', '  two( );'],
    ],
  );
  assert.deepEqual(
    splitRows(lines, same).map(({ left, right }) => [named(left), named(right)]),
    [
      ['@@ -1,4 +1,5 @@', '@@ -1,4 +1,5 @@'],
      ['start', 'start'],
      ['', 'if (x) {'],
      ['one();', '  one();'],
      ['two();', '  two( );'],
      ['gone', 'new'],
      ['end', 'end'],
    ],
  );
  const unified = unifiedRows(lines, same);
  assert.deepEqual(
    unified.map(({ right }) => named(right)),
    ['@@ -1,4 +1,5 @@', 'start', 'gone', 'if (x) {', '  one();', '  two( );', 'new', 'end'],
  );
  assert.equal(rowOfLine(unified, 2), 2);
});
