import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentEnv, programEnv } from './agent-env.ts';

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
