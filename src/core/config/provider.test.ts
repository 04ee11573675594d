import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentSpec, fallbacksOf, providerOrder, selectProvider } from './provider.ts';
import { resolveConfig } from './resolve.ts';
import type { Config, ConfigFile } from './schema.ts';

function configOf(value: ConfigFile = {}): Config {
  const tree = { kind: 'map', entries: [], at: { line: 1, col: 1 } } as const;
  const resolved = resolveConfig([{ scope: 'project', file: 'config.json', text: '{}', tree, value }]);
  assert.ok(resolved.kind === 'valid', JSON.stringify(resolved));
  return resolved.config;
}

const MORE: ConfigFile = {
  providers: { zebra: { type: 'command', command: 'zebra' }, acme: { type: 'command', command: 'acme' } },
  agents: { painter: { provider: 'acme', model: 'm' } },
};

test('S3-18 built-in agents work on the first provider that is installed: claude, codex, goose, opencode, gemini, then by name', () => {
  const config = configOf(MORE);
  assert.deepEqual(providerOrder(config), [
    'claude',
    'codex',
    'goose',
    'opencode',
    'gemini',
    'acme',
    'zebra',
  ]);
  assert.equal(selectProvider(config, 'coder', ['goose', 'codex']).name, 'codex');
  assert.equal(selectProvider(config, 'tester', ['zebra', 'acme']).name, 'acme');
});

test('S3-14 an agent works on the provider it names', () => {
  assert.deepEqual(selectProvider(configOf(MORE), 'painter', ['claude', 'acme']), {
    name: 'acme',
    type: 'command',
    command: 'acme',
    args: [],
    env: {},
  });
});

test('what is not installed is named, with what to do', () => {
  const config = configOf(MORE);
  assert.throws(() => selectProvider(config, 'coder', []), {
    code: 'NO_PROVIDER',
    advice: /claude, codex, goose/,
  });
  assert.throws(() => selectProvider(config, 'painter', ['claude']), {
    code: 'PROVIDER_MISSING',
    message: /acme was not found/,
  });
});

test('a person can be asked only by a CLI that can ask', () => {
  const config = configOf({
    providers: { painter: { type: 'acp', command: 'painter' } },
    agents: {
      coder: { permissions: 'ask' },
      tester: { permissions: 'ask', provider: 'opencode' },
      painter: { permissions: 'ask', provider: 'painter' },
      reviewer: { permissions: 'deny' },
    },
  });
  const all = ['claude', 'codex', 'goose', 'opencode', 'painter'];
  assert.throws(() => selectProvider(config, 'coder', all), {
    code: 'CANNOT_ASK',
    message: /claude cannot ask/,
  });
  assert.equal(selectProvider(config, 'tester', all).name, 'opencode');
  assert.equal(selectProvider(config, 'painter', all).type, 'acp');
  assert.equal(selectProvider(config, 'reviewer', all).name, 'claude');
  const own = { ...selectProvider(config, 'tester', all), fallback: ['claude', 'painter'] };
  const names = (permissions: 'ask' | 'allow') =>
    fallbacksOf(config, { permissions }, { provider: own, available: all }).map(({ name }) => name);
  assert.deepEqual(names('ask'), ['painter']);
  assert.deepEqual(names('allow'), ['claude', 'painter']);
});

test('an agent that the config does not have is named, with the nearest one', () => {
  assert.throws(() => selectProvider(configOf(), 'codre', ['claude']), {
    code: 'UNKNOWN_AGENT',
    advice: 'Did you mean "coder"?',
  });
  assert.throws(() => agentSpec(configOf(), 'constructor'), { code: 'UNKNOWN_AGENT' });
});

test('S3-15 an agent is its role, model, prompt and tools', () => {
  const spec = agentSpec(
    configOf({ agents: { reviewer: { model: 'opus', systemPrompt: 'Be strict.' } } }),
    'reviewer',
  );
  assert.deepEqual(spec, {
    role: 'reviewer',
    model: 'opus',
    systemPrompt: 'Be strict.',
    tools: ['read'],
    verdict: true,
  });
});
