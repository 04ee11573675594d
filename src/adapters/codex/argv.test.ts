import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_LIMITS } from '../../../test/support/no-limits.ts';
import type { AgentTool, ConversationOptions } from '../../core/agents/ports.ts';
import { codexArgs } from './argv.ts';

const BYPASS = '--dangerously-bypass-approvals-and-sandbox';

function options(
  tools: readonly AgentTool[],
  changed: Partial<ConversationOptions> = {},
): ConversationOptions {
  return {
    cwd: '/repo',
    provider: { name: 'codex', type: 'codex', command: 'codex', args: ['--profile', 'x'], env: {} },
    agent: { role: 'coder', systemPrompt: 'Be "brief".\n', tools, verdict: false, model: 'gpt-5.5' },
    mcp: [],
    env: {},
    limits: NO_LIMITS,
    signal: new AbortController().signal,
    ...changed,
  };
}

function sandboxOf(given: ConversationOptions): unknown {
  const args = codexArgs(given, undefined);
  return args.includes('-s') ? args[args.indexOf('-s') + 1] : args.find((arg) => arg === BYPASS);
}

test('everything about the run stands before `resume`, which ends the line with the thread', () => {
  const first = codexArgs(options(['edit']), undefined);
  assert.deepEqual(first.slice(0, 8), [
    '--profile',
    'x',
    'exec',
    '--json',
    '--skip-git-repo-check',
    '-C',
    '/repo',
    '-m',
  ]);
  assert.equal(first.at(-1), '-');
  assert.ok(!first.includes('resume'));
  const resumed = codexArgs(options(['edit']), 't-1');
  assert.deepEqual(resumed.slice(-3), ['resume', 't-1', '-']);
  assert.deepEqual(resumed.slice(0, -3), first.slice(0, -1));
});

test('S3-17 a role that may neither edit nor run commands gets the read-only sandbox in any case', () => {
  assert.equal(sandboxOf(options(['read'])), 'read-only');
  assert.equal(sandboxOf(options(['read', 'web'])), 'read-only');
  assert.equal(sandboxOf(options(['edit'])), 'workspace-write');
  assert.equal(sandboxOf(options(['read', 'shell'])), 'workspace-write');
  const provider = { ...options([]).provider, args: [BYPASS] };
  assert.equal(sandboxOf(options(['edit'], { provider })), BYPASS);
  assert.equal(sandboxOf(options(['read'], { provider })), 'read-only');
  assert.ok(!codexArgs(options(['read'], { provider }), undefined).includes(BYPASS));
});

test('inside a sandbox of ours its own is off, for every role', () => {
  const confinement = {
    mode: 'workspace',
    network: true,
    hidden: [],
    readable: [],
    writable: [],
    mounts: [],
    home: '/h',
    tmp: '/t',
  } as const;
  for (const tools of [['edit'], ['read']] as const)
    assert.equal(sandboxOf(options(tools, { confinement })), BYPASS);
});

test('settings are TOML, and the secrets of a server are passed by name', () => {
  const mcp = [
    { name: 'orch', command: 'node', args: ['a b', '"'], env: { TOKEN: 's3cret' }, callTimeoutMs: 60_500 },
  ];
  const args = codexArgs(options(['edit', 'web'], { mcp }), undefined);
  for (const setting of [
    'approval_policy="never"',
    'web_search="live"',
    'sandbox_workspace_write.network_access=true',
    'developer_instructions="Be \\"brief\\".\\n"',
    'mcp_servers.orch.args=["a b","\\""]',
    'mcp_servers.orch.env_vars=["TOKEN"]',
    'mcp_servers.orch.tool_timeout_sec=61',
  ]) {
    assert.equal(args[args.indexOf(setting) - 1], '-c', setting);
  }
  assert.ok(!JSON.stringify(args).includes('s3cret'));
  assert.ok(!codexArgs(options(['edit']), undefined).includes('sandbox_workspace_write.network_access=true'));
});
