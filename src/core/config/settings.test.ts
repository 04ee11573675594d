import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigText } from './ports.ts';
import { readSettings, type Setting } from './settings.ts';

function files(given: { global?: object; project?: object }): readonly ConfigText[] {
  return (['global', 'project'] as const).map((scope) => ({
    scope,
    path: `/${scope}/config.json`,
    text: given[scope] === undefined ? undefined : JSON.stringify(given[scope]),
  }));
}

function named(settings: readonly Setting[], name: string): Setting {
  const found = settings.find((each) => each.name === name);
  assert.ok(found, `no setting ${name}`);
  return found;
}

test('S3-46 every setting says what it takes and what it is for', () => {
  const settings = readSettings(files({}));
  assert.ok(settings.length > 100);
  for (const { name, help = '' } of settings) assert.match(help, /\w{3}/, `${name} has no help`);
  const names = settings.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const part of ['providers.claude.command', 'agents.coder.tools', 'workflows.standard.steps']) {
    assert.ok(names.includes(part), part);
  }
  for (const part of ['defaults.agent', 'limits.totalMs', 'budget.dayUsd', 'worktrees.ports.from']) {
    assert.ok(names.includes(part), part);
  }
});

test('S3-47 a setting has its value in each file, and comes from the highest', () => {
  const settings = readSettings(
    files({ global: { maxAgents: 2, verify: 'make' }, project: { maxAgents: 6, budget: { dayUsd: 5 } } }),
  );
  const about = (name: string) => {
    const { value, from, builtIn, global, project } = named(settings, name);
    return [value, from, builtIn, global, project];
  };
  assert.deepEqual(about('maxAgents'), [6, 'project', 4, 2, 6]);
  assert.deepEqual(about('verify'), ['make', 'global', undefined, 'make', undefined]);
  assert.deepEqual(about('budget.dayUsd'), [5, 'project', undefined, undefined, 5]);
  assert.deepEqual(about('merge.strategy'), ['merge', 'built-in', 'merge', undefined, undefined]);
  assert.deepEqual(about('merge.target'), [undefined, undefined, undefined, undefined, undefined]);
});

test('what a setting takes comes from the schema, and names from what is there', () => {
  const settings = readSettings(
    files({ project: { providers: { 'my.cli': { type: 'command', command: 'x', env: { A: '1' } } } } }),
  );
  const takes = (name: string) => named(settings, name).takes;
  assert.deepEqual(takes('maxAgents'), { kind: 'number', whole: true, least: 1, most: 64 });
  assert.deepEqual(takes('budget.runUsd'), { kind: 'number', whole: false, least: 0, most: 1_000_000 });
  assert.deepEqual(takes('files'), { kind: 'flag' });
  assert.deepEqual(takes('sandbox.mode'), { kind: 'choice', options: ['off', 'workspace', 'strict'] });
  assert.deepEqual(takes('agents.coder.provider'), {
    kind: 'choice',
    options: ['claude', 'codex', 'goose', 'opencode', 'gemini', 'my.cli'],
  });
  assert.deepEqual(takes('agents.coder.tools'), { kind: 'list', options: ['read', 'edit', 'shell', 'web'] });
  assert.deepEqual(takes('worktrees.setup'), { kind: 'list' });
  assert.deepEqual(takes('workflows.standard.steps'), { kind: 'json' });
  assert.deepEqual(takes('providers."my.cli".env'), { kind: 'json' });
  assert.equal(named(settings, 'providers."my.cli".env').from, 'project');
});

test('files that cannot be used are an error that names the place', () => {
  assert.throws(() => readSettings(files({ project: { maxAgents: 'many' } })), {
    code: 'CONFIG_INVALID',
    message: /^\/project\/config\.json:1:14: /,
  });
});
