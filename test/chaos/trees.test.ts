import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killTrees } from '../../chaos/trees.ts';
import { countZombies } from '../../chaos/zombies.ts';
import { findOnPath } from '../../src/adapters/process/find-on-path.ts';
import { native } from '../../src/adapters/process/native.ts';
import { findAvailability } from '../../src/adapters/sandbox/availability.ts';
import { seeded } from '../e2e/seeded.ts';

const calls = native();
const noGuardian = typeof calls === 'string' ? calls : false;
const sandbox = await findAvailability(findOnPath('bwrap', process.env));
const noNamespaces = sandbox.kind === 'available' ? noGuardian : sandbox.reason;

for (const victim of ['orchestrator', 'guardian', 'both', 'young'] as const) {
  test(`S3-10 with namespaces, nothing outlives it when the victim is ${victim}`, {
    skip: noNamespaces,
  }, async () => {
    const outcome = await killTrees({ victim, confined: true, trees: 2, random: seeded(1) });
    assert.deepEqual([outcome.trees, outcome.survivors, outcome.left], [2, 0, 0]);
  });
}

for (const victim of ['orchestrator', 'guardian', 'young'] as const) {
  test(`S3-10 with the guardian alone, nothing outlives it when the victim is ${victim}`, {
    skip: noGuardian,
  }, async () => {
    const outcome = await killTrees({ victim, confined: false, trees: 2, random: seeded(1) });
    assert.deepEqual([outcome.trees, outcome.survivors, outcome.left], [2, 0, 0]);
  });
}

test('the adversary is one: with nobody left to end it, it stays', { skip: noGuardian }, async () => {
  const outcome = await killTrees({ victim: 'both', confined: false, trees: 1, random: seeded(1) });
  assert.equal(outcome.survivors, 1);
  assert.ok(outcome.afterSweep < outcome.left, 'the sweep of the next run ends those that it knows');
});

test('S3-11 hundreds of children without a parent leave no zombie', { skip: noGuardian }, async () => {
  assert.equal((await countZombies(400)).left, 0);
});
