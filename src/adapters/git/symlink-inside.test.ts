import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSymlinkInside } from './symlink-inside.ts';

test('a link to a place in the tree is inside, also upwards', () => {
  for (const [path, target] of [
    ['a', 'b'],
    ['a', './b/c'],
    ['d/a', '../b'],
    ['d/e/a', '../../b'],
    ['d/a', '..'],
  ] as const) {
    assert.ok(isSymlinkInside(path, target), `${path} -> ${target}`);
  }
});

test('a link to anywhere else is not, nor one of which nobody can say it', () => {
  for (const [path, target] of [
    ['a', '/etc/passwd'],
    ['a', '..'],
    ['a', '../b'],
    ['d/a', '../../b'],
    ['a', 'b/../../c'],
    ['d/e/a', 'x/../y'],
    ['a', ''],
    ['a', '..\\b'],
  ] as const) {
    assert.ok(!isSymlinkInside(path, target), `${path} -> ${target}`);
  }
});
