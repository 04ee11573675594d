import assert from 'node:assert/strict';
import { test } from 'node:test';
import { underFire } from '../../chaos/kills.ts';

test('S2-57 S3-50 S3-52 S3-68 a plan under kills of every kind ends with each task merged once', async () => {
  const notes: string[] = [];
  const options = { tasks: 24, wanted: 4, backends: 0, seed: 5, note: (line: string) => notes.push(line) };
  const { kills, wrong, attempts } = await underFire({ ...options, database: undefined });
  assert.deepEqual(wrong, []);
  assert.equal(
    Object.values(kills).reduce((sum, count) => sum + count),
    4,
  );
  assert.ok(attempts >= 24);
  assert.equal(notes.length, 4);
});
