import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tampering, writersKilled } from '../../chaos/storage.ts';

// Damage to files, a full disk and a failing one have tests of their own; here is what chance picks.

test('S3-50 whatever is done to a log is found with its first bad row', async () => {
  const findings = await tampering({ events: 500, tries: 24, seed: 5 });
  assert.equal(findings[0]?.found, '24 of 24');
});

test('S3-50 no commit that a killed writer was told of is lost', async () => {
  const { met, found } = await writersKilled(3, 5);
  assert.equal(met, true, found);
});
