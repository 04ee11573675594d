import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROVIDER_TYPES } from '../core/config/provider-types.ts';
import { resolveConfig } from '../core/config/resolve.ts';
import { LocalCrew } from './crew.ts';

const resolved = resolveConfig([]);
assert.equal(resolved.kind, 'valid');
const { config } = resolved;

test('S3-13 a provider of each type is driven by the backend of that type', () => {
  const crew = new LocalCrew({
    config: {
      ...config,
      providers: Object.fromEntries(
        PROVIDER_TYPES.map((type) => [`by-${type}`, { type, command: '/bin/sh', args: [], env: {} }]),
      ),
      agents: Object.fromEntries(
        PROVIDER_TYPES.map((type) => [
          type,
          { provider: `by-${type}`, systemPrompt: '', tools: ['read'], verdict: false },
        ]),
      ),
    },
    env: { PATH: '/bin' },
    cwd: '/',
    launcher: {
      start() {
        throw new Error('nothing is started to know who plays a role');
      },
    },
  });
  assert.deepEqual(
    PROVIDER_TYPES.map((type) => crew.member(type).backend.type),
    PROVIDER_TYPES,
  );
});
