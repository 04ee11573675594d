import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ID_PATTERN } from '../id-pattern.ts';
import type { TaskId } from '../ids.ts';
import { taskBranch } from './task-branch.ts';

const INTEGRATION = 'cw/integration';
const of = (id: string, integration = INTEGRATION) => taskBranch(id as TaskId, integration);
const ids = fc.stringMatching(ID_PATTERN).filter((id) => ID_PATTERN.test(id));
/** Few letters, so that dots meet and endings repeat. */
const trickyIds = fc
  .array(fc.constantFrom('a', '.', 'lock', '.lock', '-'), { minLength: 1, maxLength: 6 })
  .map((parts) => `a${parts.join('')}`);

test('an ordinary id becomes cw/<id>', () => {
  assert.equal(of('cart-model'), 'cw/cart-model');
  assert.equal(of('1.1'), 'cw/1.1');
});

test('what git refuses in a ref is escaped', () => {
  assert.equal(of('a.'), 'cw/a%2E');
  assert.equal(of('a...b'), 'cw/a.%2E%2Eb');
  assert.equal(of('a.lock'), 'cw/a%2Elock');
});

test('an id that would be the integration branch, or stand in its way, steps aside', () => {
  assert.equal(of('integration'), 'cw/%integration');
  assert.equal(of('team', 'cw/team/main'), 'cw/%team');
  assert.equal(of('a', 'cw'), 'cw%/a');
});

test('two ids never share a branch', () => {
  fc.assert(
    fc.property(
      fc.oneof(ids, trickyIds),
      fc.oneof(ids, trickyIds),
      fc.oneof(
        fc.constantFrom(INTEGRATION, 'cw', 'main', 'cw/a/b'),
        trickyIds.map((id) => `cw/${id}`),
      ),
      (a, b, integration) => {
        const [left, right] = [of(a, integration), of(b, integration)];
        if (a !== b) assert.notEqual(left, right);
        for (const branch of [left, right]) {
          assert.notEqual(branch, integration);
          assert.equal(integration.startsWith(`${branch}/`) || branch.startsWith(`${integration}/`), false);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
