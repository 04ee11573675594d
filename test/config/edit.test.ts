import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setConfig, unsetConfig } from '../../src/adapters/config-files/edit.ts';
import { loadConfig } from '../../src/adapters/config-files/load.ts';
import { configPlaces } from './config-places.ts';

const fileOf = (place: string) => join(place, '.codewalk', 'config.json');

test('S3-71 only what was changed is written, into the chosen file', async (t) => {
  const places = await configPlaces(t, { global: { maxAgents: 2, agents: { coder: { model: 'opus' } } } });
  const path = await setConfig({
    ...places,
    scope: 'project',
    keyPath: ['merge', 'strategy'],
    value: 'squash',
  });
  assert.equal(path, fileOf(places.root));
  assert.equal(await readFile(path, 'utf8'), '{\n  "merge": {\n    "strategy": "squash"\n  }\n}\n');
  assert.deepEqual(JSON.parse(await readFile(fileOf(places.home), 'utf8')), {
    maxAgents: 2,
    agents: { coder: { model: 'opus' } },
  });
  assert.deepEqual(await readdir(join(places.root, '.codewalk')), ['config.json']);
});

test('S3-71 a later change of the global file still has effect', async (t) => {
  const places = await configPlaces(t, { global: { maxAgents: 2 } });
  await setConfig({ ...places, scope: 'project', keyPath: ['verify'], value: 'npm test' });
  await setConfig({ ...places, scope: 'global', keyPath: ['maxAgents'], value: 7 });
  const { config } = await loadConfig(places);
  assert.deepEqual([config.maxAgents, config.verify], [7, 'npm test']);
});

test('everything else in the file stays, in its order', async (t) => {
  const places = await configPlaces(t, {
    project: { verify: 'x', agents: { 'gpt.5': { model: 'a', provider: 'codex' } }, maxAgents: 2 },
  });
  await setConfig({ ...places, scope: 'project', keyPath: ['agents', 'gpt.5', 'model'], value: 'b' });
  const text = await readFile(fileOf(places.root), 'utf8');
  assert.deepEqual(Object.keys(JSON.parse(text) as object), ['verify', 'agents', 'maxAgents']);
  assert.deepEqual((JSON.parse(text) as { agents: object }).agents, {
    'gpt.5': { model: 'b', provider: 'codex' },
  });
});

test('an unset key falls back to the scope below, and empty maps go with it', async (t) => {
  const places = await configPlaces(t, {
    global: { maxAgents: 2 },
    project: { maxAgents: 5, merge: { maxBounces: 1 } },
  });
  await unsetConfig({ ...places, scope: 'project', keyPath: ['merge', 'maxBounces'] });
  await unsetConfig({ ...places, scope: 'project', keyPath: ['maxAgents'] });
  assert.equal(await readFile(fileOf(places.root), 'utf8'), '{}\n');
  assert.equal((await loadConfig(places)).config.maxAgents, 2);
});

test('unsetting what is not set is an error', async (t) => {
  const places = await configPlaces(t, { global: { maxAgents: 2 } });
  const edit = { ...places, scope: 'project' as const };
  await assert.rejects(unsetConfig({ ...edit, keyPath: ['maxAgents'] }), { code: 'CONFIG_NOT_SET' });
  await assert.rejects(unsetConfig({ ...edit, keyPath: ['constructor'] }), { code: 'CONFIG_NOT_SET' });
});

const REFUSED: readonly [title: string, keyPath: string[], value: unknown][] = [
  ['an unknown key', ['colour'], 'red'],
  ['a wrong type', ['maxAgents'], 'many'],
  ['an agent that does not exist', ['defaults', 'agent'], 'writer'],
  ['a contradiction with the other file', ['merge', 'target'], 'dev'],
  ['__proto__', ['__proto__', 'maxAgents'], 1],
];

for (const [title, keyPath, value] of REFUSED) {
  test(`${title} is refused and nothing is written`, async (t) => {
    const places = await configPlaces(t, {
      global: { merge: { integrationBranch: 'dev' } },
      project: '{ "maxAgents":2 }',
    });
    await assert.rejects(setConfig({ ...places, scope: 'project', keyPath, value }), {
      code: 'CONFIG_INVALID',
    });
    assert.equal(await readFile(fileOf(places.root), 'utf8'), '{ "maxAgents":2 }');
    assert.deepEqual(await readdir(join(places.root, '.codewalk')), ['config.json']);
  });
}

test('a broken file is not overwritten', async (t) => {
  const places = await configPlaces(t, { project: '{ "maxAgents": 2, }' });
  const edit = { ...places, scope: 'project' as const, keyPath: ['maxAgents'], value: 3 };
  await assert.rejects(setConfig(edit), { code: 'CONFIG_INVALID', message: /:1:17: This is not JSON/ });
});

test('the global file is made for its owner only, because an env may hold keys', async (t) => {
  const places = await configPlaces(t);
  const path = await setConfig({ ...places, scope: 'global', keyPath: ['maxAgents'], value: 3 });
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('a project in the home directory changes its one file from either scope', async (t) => {
  const { home } = await configPlaces(t);
  const path = await setConfig({ home, root: home, scope: 'project', keyPath: ['maxAgents'], value: 3 });
  assert.equal(path, fileOf(home));
});

test('outside of a project there is no project config to change', async (t) => {
  const { home } = await configPlaces(t);
  const edit = { home, root: undefined, scope: 'project' as const, keyPath: ['maxAgents'], value: 3 };
  await assert.rejects(setConfig(edit), { code: 'NO_PROJECT' });
});
