import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentEnv, NO_COLLECTION, programEnv } from './agent-env.ts';

test('agents get what programs need and what their CLIs read, and no other secret', () => {
  const env = agentEnv({
    PATH: '/bin',
    LC_ALL: 'C',
    ANTHROPIC_API_KEY: 'k',
    GITHUB_TOKEN: 'secret',
    AWS_SECRET_ACCESS_KEY: 'secret',
    GIT_DIR: '/elsewhere',
    NODE_OPTIONS: '--inspect',
  });
  assert.deepEqual(env, { PATH: '/bin', LC_ALL: 'C', ANTHROPIC_API_KEY: 'k' });
});

test('the git of an agent begins no collection, whatever its config says', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'cw-agent-env-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const config = join(directory, 'config');
  writeFileSync(config, '[gc]\n\tauto = 1\n[maintenance]\n\tauto = true\n');
  const env = { ...agentEnv(process.env), GIT_CONFIG_GLOBAL: config };
  const setting = (name: string, more: Readonly<Record<string, string>>) =>
    execFileSync('git', ['config', '--get', name], {
      cwd: directory,
      env: { ...env, ...more },
      encoding: 'utf8',
    }).trim();
  assert.deepEqual([setting('gc.auto', {}), setting('maintenance.auto', {})], ['1', 'true']);
  const without = [setting('gc.auto', NO_COLLECTION), setting('maintenance.auto', NO_COLLECTION)];
  assert.deepEqual(without, ['0', 'false']);
});

test('a variable that the config names is let through', () => {
  assert.deepEqual(agentEnv({ DATABASE_URL: 'x', OTHER: 'y' }, ['DATABASE_URL']), { DATABASE_URL: 'x' });
});

const KEYS = {
  PATH: '/bin',
  ANTHROPIC_API_KEY: 'a',
  OPENAI_API_KEY: 'o',
  GOOSE_MODE: 'auto',
  XDG_DATA_DIRS: '/d',
};
const given = (type: string | undefined, named: readonly string[] = []) =>
  Object.keys(
    programEnv(KEYS, { provider: type === undefined ? undefined : { type }, mode: 'workspace', named }),
  );

test('an agent gets the keys of its own provider, and a command of the project gets none', () => {
  assert.deepEqual(given('claude'), ['PATH', 'ANTHROPIC_API_KEY', 'XDG_DATA_DIRS']);
  assert.deepEqual(given('codex'), ['PATH', 'OPENAI_API_KEY', 'XDG_DATA_DIRS']);
  assert.deepEqual(given('goose'), Object.keys(KEYS));
  assert.deepEqual(given(undefined), ['PATH', 'XDG_DATA_DIRS']);
  assert.deepEqual(given(undefined, ['OPENAI_API_KEY']), ['PATH', 'OPENAI_API_KEY', 'XDG_DATA_DIRS']);
});

test('in strict mode the directories of a desktop are not named', () => {
  const env = programEnv(
    { XDG_DATA_DIRS: '/d', XDG_DATA_HOME: '/h' },
    { provider: undefined, mode: 'strict', named: [] },
  );
  assert.deepEqual(env, { XDG_DATA_HOME: '/h' });
});

test('the token of the forge is for nobody who works on a task', () => {
  assert.deepEqual(agentEnv({ GITHUB_TOKEN: 'x', GH_TOKEN: 'y', SHOP_TOKEN: 'z' }), {});
});
