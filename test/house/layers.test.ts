import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import rules from '../../.dependency-cruiser.mjs';
import { layerViolations, unseen } from '../../scripts/check-layers.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'violations', 'layers');

for (const { name } of rules.forbidden ?? []) {
  test(`S2-06 the rule ${name} goes red for an import that breaks it, and no other does`, async () => {
    const found = await layerViolations(join(FIXTURES, String(name)));
    assert.deepEqual(
      found.map(({ rule }) => rule),
      [name],
    );
    assert.notEqual(found[0]?.reason, '');
  });
}

test('every layer rule has a fixture and every fixture a rule', async () => {
  const names = (rules.forbidden ?? []).map(({ name }) => name);
  assert.deepEqual((await readdir(FIXTURES)).sort(), [...names, 'none'].sort());
});

test('allowed arrows are not reported', async () => {
  assert.deepEqual(await layerViolations(join(FIXTURES, 'none')), []);
});

test('a cruise that saw nothing is a violation for each source file', () => {
  const blind = { modules: [], summary: { totalCruised: 0, violations: [] } };
  const found = unseen(['src/core/plan.ts'], blind as unknown as Parameters<typeof unseen>[1]);
  assert.deepEqual(
    found.map(({ rule, from }) => [rule, from]),
    [['every-file-is-seen', 'src/core/plan.ts']],
  );
});
