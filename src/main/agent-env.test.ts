import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentEnv } from './agent-env.ts';

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
