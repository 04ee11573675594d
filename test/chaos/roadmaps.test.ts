import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MUTATIONS } from '../../chaos/malformed.ts';
import { roadmaps } from '../../chaos/roadmaps.ts';

test('S0-11 roadmaps broken in every way are refused with their places, and the store keeps its last good plan', async () => {
  // Every way is tried about twice.
  const findings = await roadmaps.run({ seed: 7, scale: 0.045, note: () => {} });
  const missed = findings.filter(({ met, what }) => met === false && !what.startsWith('more than 1 s'));
  assert.deepEqual(missed, []);
  assert.ok(Number(findings[0]?.found) >= 2 * MUTATIONS.length);
});
