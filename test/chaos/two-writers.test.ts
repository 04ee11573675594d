import assert from 'node:assert/strict';
import { test } from 'node:test';
import { twoWriters } from '../../chaos/two-writers.ts';

test('S0-53 a person and Codewalk write one roadmap at the same time, and nothing of the person is lost', async () => {
  const [theirs, ours] = await twoWriters.run({ seed: 7, scale: 0.02, note: () => {} });
  assert.equal(theirs?.found, '0 lost');
  assert.match(ours?.found ?? '', /, 0 of them seen by the person before$/);
});
