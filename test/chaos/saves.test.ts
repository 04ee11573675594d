import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saves } from '../../chaos/saves.ts';

test('S0-05 of saves in every style none is missed', async () => {
  const findings = await saves.run({ seed: 1, scale: 0.02, note: () => {} });
  // How fast is measured by `npm run chaos`, on a machine that does nothing else.
  const counted = findings.filter(({ aim, met }) => met !== undefined && !aim.startsWith('p99'));
  assert.equal(counted.length, 1);
  assert.deepEqual(
    counted.filter(({ met }) => !met),
    [],
  );
});
