import assert from 'node:assert/strict';
import { test } from 'node:test';
import { output } from '../../chaos/output.ts';

test('S3-09 S3-12 a flood ends well and damaged output is read to its end', async () => {
  const findings = await output.run({ seed: 7, scale: 0.02, note: () => {} });
  // How fast and in how much memory is measured by `npm run chaos`, on a machine that does nothing else.
  const counted = findings.filter(({ aim }) => /^(task done|0 throws|at most 130 MiB)/.test(aim));
  assert.equal(counted.length, 3);
  assert.deepEqual(
    counted.filter(({ met }) => !met),
    [],
  );
});
