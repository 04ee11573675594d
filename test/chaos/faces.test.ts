import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faces } from '../../chaos/faces.ts';

test('S3-48 whatever breaks between the face and the store, it shows what the store says', async () => {
  const notes: string[] = [];
  const findings = await faces.run({ seed: 7, scale: 0.01, note: (line) => notes.push(line) });
  assert.ok(
    findings.every(({ met }) => met === true),
    `${JSON.stringify(findings)}\n${notes.join('\n')}`,
  );
});
