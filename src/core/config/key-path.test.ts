import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatKeyPath, parseKeyPath } from './key-path.ts';

test('a key path reads like the place in the file', () => {
  assert.equal(
    formatKeyPath(['workflows', 'standard', 'steps', 1, 'agent']),
    'workflows.standard.steps[1].agent',
  );
  assert.equal(formatKeyPath(['agents', 'gpt.5', 'model']), 'agents."gpt.5".model');
  assert.deepEqual(parseKeyPath('agents."gpt.5".model'), ['agents', 'gpt.5', 'model']);
});

test('any keys that names may have survive being written and read', () => {
  const key = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,10}$/);
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), (keys) => {
      assert.deepEqual(parseKeyPath(formatKeyPath(keys)), keys);
    }),
  );
});

for (const text of ['', '.', 'a.', '.a', 'a..b', 'a[0]', '"a', 'a"b"']) {
  test(`${JSON.stringify(text)} is no key path`, () => {
    assert.throws(() => parseKeyPath(text), { code: 'BAD_KEY_PATH' });
  });
}
