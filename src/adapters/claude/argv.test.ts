import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_LIMITS } from '../../../test/support/no-limits.ts';
import type { AgentTool, ConversationOptions } from '../../core/agents/ports.ts';
import { claudeArgs } from './argv.ts';

const options: ConversationOptions = {
  cwd: '/repo',
  provider: { name: 'claude', type: 'claude', command: 'claude', args: ['--debug'], env: {} },
  agent: { role: 'coder', systemPrompt: '', tools: [], verdict: false },
  mcp: [],
  env: {},
  limits: NO_LIMITS,
  signal: new AbortController().signal,
};

/** The argument after `flag`, when it is there. */
function argument(flag: string, changed: Partial<ConversationOptions> = {}): unknown {
  const args = claudeArgs({ ...options, ...changed }, { id: 'u-1', isNew: true });
  const at = args.indexOf(flag);
  return at === -1 ? undefined : args[at + 1];
}

function withTools(...tools: AgentTool[]): Partial<ConversationOptions> {
  return { agent: { ...options.agent, tools } };
}

test('a turn begins a session with our id or resumes it, after the provider’s own arguments', () => {
  assert.deepEqual(claudeArgs(options, { id: 'u-1', isNew: true }).slice(0, 2), ['--debug', '-p']);
  assert.equal(argument('--session-id'), 'u-1');
  assert.equal(argument('--resume'), undefined);
  const resumed = claudeArgs(options, { id: 'u-1', isNew: false });
  assert.equal(resumed[resumed.indexOf('--resume') + 1], 'u-1');
  assert.ok(!resumed.includes('--session-id'));
});

test('S3-17 only what the role’s tools name is available, and the rest is denied by name', () => {
  const reader = withTools('read');
  assert.match(String(argument('--tools', reader)), /^Read,Glob,Grep,/);
  for (const tool of ['Edit', 'Write', 'NotebookEdit', 'Bash', 'WebFetch']) {
    assert.doesNotMatch(String(argument('--tools', reader)), new RegExp(`\\b${tool}\\b`));
    assert.match(String(argument('--disallowedTools', reader)), new RegExp(`\\b${tool}\\b`));
  }
  assert.equal(argument('--permission-mode', reader), 'manual');
  assert.equal(argument('--allowedTools', reader), undefined);

  const editor = withTools('edit');
  assert.equal(argument('--permission-mode', editor), 'acceptEdits');
  assert.match(String(argument('--tools', editor)), /^Read,.*\bWrite\b/);
  assert.doesNotMatch(String(argument('--tools', editor)), /\bBash\b/);

  const all = withTools('edit', 'shell', 'web');
  assert.equal(argument('--disallowedTools', all), undefined);
  assert.equal(argument('--allowedTools', all), 'Bash,WebFetch,WebSearch');
});

test('the agent’s model goes before the provider’s, limits and servers are passed on', () => {
  const provider = { ...options.provider, model: 'sonnet' };
  assert.equal(argument('--model'), undefined);
  assert.equal(argument('--model', { provider }), 'sonnet');
  assert.equal(argument('--model', { provider, agent: { ...options.agent, model: 'opus' } }), 'opus');
  assert.equal(argument('--max-turns', { budget: { turns: 7 } }), '7');
  assert.equal(argument('--max-budget-usd', { budget: { usd: 1.5 } }), '1.5');
  const mcp = [
    { name: 'orch', command: 'node', args: ['s.mjs'], env: { TOKEN: 't' }, callTimeoutMs: 90_000 },
  ];
  assert.equal(argument('--allowedTools', { mcp }), 'mcp__orch');
  assert.deepEqual(argument('--mcp-config', { mcp }), {
    name: 'mcp.json',
    content:
      '{"mcpServers":{"orch":{"command":"node","args":["s.mjs"],"env":{"TOKEN":"t"},"timeout":90000}}}',
  });
  assert.match(String(argument('--json-schema')), /"required":\["status"/);
});
