import assert from 'node:assert/strict';
import { test } from 'node:test';
import { files } from '../../chaos/files.ts';

test('S2-52 S2-53 S2-54 a person and Codewalk write the same files at once: nothing is lost, nothing echoes', async () => {
  const findings = await files.run({ seed: 1, scale: 0.014, note: () => {} });
  assert.equal(findings.length, 3);
  assert.deepEqual(
    findings.filter(({ met }) => !met),
    [],
  );
});
