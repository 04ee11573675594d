import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recover } from '../../chaos/recover.ts';

test('S3-62 of agents that are stopped at random moments no byte is lost, before and after a prune', async () => {
  const findings = await recover.run({ seed: 1, scale: 0.05, note: () => {} });
  assert.deepEqual(
    findings.filter(({ met }) => !met),
    [],
  );
});
