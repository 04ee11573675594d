import assert from 'node:assert/strict';
import { test } from 'node:test';
import { worktrees } from '../../chaos/worktrees.ts';

test('S3-36 repair and prune lose no work and leave nothing that is merged, in every kind of mess', async () => {
  const findings = await worktrees.run({ seed: 3, scale: 0.01, note: () => {} });
  assert.equal(findings.length, 5);
  assert.deepEqual(
    findings.filter(({ met }) => !met),
    [],
  );
});
