import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { BANS } from '../../scripts/bans.ts';
import { bansOfThisMachine, banViolations } from '../../scripts/check-bans.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'violations', 'bans');
/** Without the exceptions, which are about files of this repository. */
const STRICT = BANS.map((ban) => ({ ...ban, allowed: {} }));

async function filesBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((e) => e.isFile()).map((e) => relative(root, join(e.parentPath, e.name)));
}

for (const { name } of BANS) {
  test(`the ban ${name} goes red for text that breaks it, and no other does`, async () => {
    const root = join(FIXTURES, name);
    const found = await banViolations(root, await filesBelow(root), STRICT);
    assert.deepEqual([...new Set(found.map(({ ban }) => ban))], [name]);
  });
}

test('what only looks like a banned text is not reported', async () => {
  const root = join(FIXTURES, 'none');
  assert.deepEqual(await banViolations(root, await filesBelow(root), STRICT), []);
});

test('every ban has a fixture and every fixture a ban', async () => {
  assert.deepEqual((await readdir(FIXTURES)).sort(), [...BANS.map(({ name }) => name), 'none'].sort());
});

test('an exception that nothing needs any more is reported', async () => {
  const stale = STRICT.map((ban) => ({ ...ban, allowed: { 'src/gone.ts': 'It was needed once.' } }));
  const found = await banViolations(FIXTURES, [], stale.slice(0, 1));
  assert.deepEqual(
    found.map(({ text }) => text),
    ['src/gone.ts'],
  );
});

test('the address of this checkout and the host of the registry in use are banned', async () => {
  const bans = bansOfThisMachine(FIXTURES, { npm_config_registry: 'https://packages.example:8443/npm/' });
  const root = join(FIXTURES, 'no-lock-addresses');
  const found = await banViolations(root, await filesBelow(root), bans);
  assert.deepEqual(
    found.map(({ text }) => text),
    ['packages.example'],
  );
  assert.ok(bans.some(({ pattern }) => FIXTURES.match(pattern)));
});
