import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_LIMITS } from '../../../test/support/no-limits.ts';
import type { AgentTool, ConversationOptions } from '../../core/agents/ports.ts';
import { gooseArgs } from './argv.ts';

function args(tools: readonly AgentTool[], changed: Partial<ConversationOptions> = {}, isNew = true) {
  return gooseArgs(
    {
      cwd: '/repo',
      provider: { name: 'local', type: 'goose', command: 'goose', args: [], env: {}, model: 'qwen3' },
      agent: { role: 'coder', systemPrompt: '', tools, verdict: false },
      mcp: [],
      env: {},
      limits: NO_LIMITS,
      signal: new AbortController().signal,
      ...changed,
    },
    { name: 'cw-1', isNew },
  );
}

test('S3-08 a session has our name, and the model is the provider’s', () => {
  const text = args(['edit']).join(' ');
  assert.match(text, /^run -i - --output-format stream-json -q --name cw-1 --model qwen3 --no-profile/);
  assert.match(args(['edit'], {}, false).join(' '), /-q --resume --name cw-1 /);
  assert.match(args(['edit'], { budget: { turns: 3 } }).join(' '), /--max-turns 3 /);
});

test('S3-17 a role that may neither edit nor run commands gets no extension that can', () => {
  assert.equal(args(['read', 'web']).at(-1), 'analyze');
  assert.equal(args(['read', 'shell']).at(-1), 'developer,analyze');
  assert.equal(args(['edit']).at(-1), 'developer,analyze');
});

test('an MCP server is a script with its own name, whose words stay whole', () => {
  const mcp = [{ name: 'orch', command: 'node', args: ["it's one", '$HOME'], env: { TOKEN: 'a b' } }];
  assert.deepEqual(args(['edit'], { mcp }).slice(-2), [
    '--with-extension',
    {
      name: 'orch',
      content: "#!/bin/sh\nexport TOKEN='a b'\nexec 'node' 'it'\\''s one' '$HOME'\n",
      executable: true,
    },
  ]);
});
