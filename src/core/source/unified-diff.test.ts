import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unifiedDiff } from './unified-diff.ts';

test('a difference is shown with three lines around it', () => {
  const before = 'a\nb\nc\nd\ne\nf\ng\nh\n';
  assert.equal(
    unifiedDiff('x.yaml', before, before.replace('d\n', 'D\nD2\n')),
    '--- a/x.yaml\n+++ b/x.yaml\n@@ -1,7 +1,8 @@\n a\n b\n c\n-d\n+D\n+D2\n e\n f\n g\n',
  );
});

test('differences that are far from each other are shown apart, near ones together', () => {
  const lines = Array.from({ length: 40 }, (_, i) => `l${i}\n`);
  const after = lines.map((line, i) => (i === 2 || i === 6 || i === 30 ? `new ${line}` : line));
  const diff = unifiedDiff('x', lines.join(''), after.join(''));
  assert.deepEqual(diff.match(/^@@.*$/gm), ['@@ -1,10 +1,10 @@', '@@ -28,7 +28,7 @@']);
});

test('a text without an end of its last line says so', () => {
  assert.equal(
    unifiedDiff('x', 'a', 'a\nb\n'),
    '--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n',
  );
  assert.equal(unifiedDiff('x', 'a\n', 'a\n'), '');
  assert.equal(unifiedDiff('x', '', 'a\n'), '--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+a\n');
});
