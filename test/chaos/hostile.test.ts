import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostile } from '../../chaos/hostile.ts';
import { findOnPath } from '../../src/adapters/process/find-on-path.ts';
import { findAvailability } from '../../src/adapters/sandbox/availability.ts';

const found = await findAvailability(findOnPath('bwrap', process.env));

test('a hostile agent in a hostile repository runs nothing outside and changes nothing of the person’s', {
  skip: found.kind === 'missing' ? found.reason : false,
}, async () => {
  const findings = await hostile.run({ seed: 1, scale: 0.1, note: () => {} });
  assert.equal(findings.length, 5);
  assert.deepEqual(
    findings.filter(({ met }) => !met),
    [],
  );
});
