import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentClis } from '../support/agent-clis.ts';
import { claudeEnv, codexHome, gooseEnv } from '../support/cli-env.ts';
import type { Scenario } from '../support/model-server/scenarios.ts';
import type { AgentEnd, Rig } from './rig.ts';
import { runAgent, startRig } from './rig.ts';

const LIMIT = { timeout: 15 * 60_000 };

async function claude(rig: Rig, scenario: Scenario, signal: AbortSignal): Promise<AgentEnd> {
  return runAgent({
    program: (await agentClis()).claude,
    args: ['-p', '--output-format', 'stream-json', '--verbose', '--model', 'claude-sonnet-4-5'],
    cwd: rig.worktree,
    env: { ...claudeEnv(rig.server, rig.home, scenario), CLAUDE_CODE_MAX_RETRIES: '1' },
    prompt: 'hi',
    signal,
  });
}

async function codex(rig: Rig, scenario: Scenario, signal: AbortSignal): Promise<AgentEnd> {
  return runAgent({
    program: (await agentClis()).codex,
    args: ['exec', '--json', '-C', rig.worktree, '-'],
    cwd: rig.worktree,
    env: await codexHome(rig.server, rig.home, scenario),
    prompt: 'hi',
    signal,
  });
}

async function goose(rig: Rig, scenario: Scenario, signal: AbortSignal): Promise<AgentEnd> {
  return runAgent({
    program: (await agentClis()).goose,
    args: ['run', '-i', '-', '--no-session', '--output-format', 'stream-json', '-q'],
    cwd: rig.worktree,
    env: gooseEnv(rig.server, rig.home, scenario),
    prompt: 'hi',
    signal,
  });
}

function pick(event: Record<string, unknown> | undefined, ...names: string[]) {
  return Object.fromEntries(names.map((name) => [name, event?.[name]]));
}

test('Claude Code gives up at once without permission', LIMIT, async ({ signal }) => {
  await using rig = await startRig();
  const { code, events } = await claude(rig, '403', signal);
  assert.equal(code, 1);
  assert.deepEqual(
    pick(events.at(-1), 'type', 'subtype', 'is_error', 'terminal_reason', 'api_error_status'),
    {
      type: 'result',
      subtype: 'success',
      is_error: true,
      terminal_reason: 'api_error',
      api_error_status: 403,
    },
  );
  assert.equal(events.at(-2).error, 'authentication_failed');
  assert.deepEqual(
    rig.server.requests.map(({ scenario }) => scenario),
    ['403'],
  );
});

test('Claude Code names a bill that is not paid', LIMIT, async ({ signal }) => {
  await using rig = await startRig();
  const { code, events } = await claude(rig, 'billing', signal);
  assert.equal(code, 1);
  assert.equal(events.at(-2).error, 'billing_error');
  assert.equal(events.at(-1).result, 'Credit balance is too low');
});

test('Claude Code says when the usage limit of a subscription ends', LIMIT, async ({ signal }) => {
  await using rig = await startRig();
  const { code, events } = await claude(rig, 'usage', signal);
  assert.equal(code, 1);
  const { rate_limit_info } = events.find(({ type }) => type === 'rate_limit_event');
  assert.equal(rate_limit_info.status, 'rejected');
  assert.equal(rate_limit_info.resetsAt, rig.server.usageResetsAt);
});

test('Claude Code announces the retry of an overloaded model and goes on', LIMIT, async ({ signal }) => {
  await using rig = await startRig();
  const { code, events } = await claude(rig, '529_x1', signal);
  assert.equal(code, 0);
  const retry = events.find(({ subtype }) => subtype === 'api_retry');
  assert.deepEqual(pick(retry, 'attempt', 'error_status', 'error'), {
    attempt: 1,
    error_status: 529,
    error: 'overloaded',
  });
  assert.equal(events.at(-1).result, 'ok');
});

const CODEX_ENDS: [Scenario, RegExp][] = [
  ['usage', /^You’ve hit your usage limit\. .* try again at /],
  ['quota', /^Quota exceeded\./],
  ['context', /ran out of room in the model's context window/],
];
for (const [scenario, message] of CODEX_ENDS) {
  test(`Codex fails the turn at once on scenario ${scenario}`, LIMIT, async ({ signal }) => {
    await using rig = await startRig();
    const { code, events } = await codex(rig, scenario, signal);
    assert.equal(code, 1);
    assert.equal(events.at(-1).type, 'turn.failed');
    assert.match(events.at(-1).error.message, message);
    assert.equal(rig.server.requests.length, 1);
    assert.deepEqual(rig.server.strays, []);
  });
}

test('Codex retries a server error in silence and goes on', LIMIT, async ({ signal }) => {
  await using rig = await startRig();
  const { code, events } = await codex(rig, '500_x1', signal);
  assert.equal(code, 0);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['thread.started', 'turn.started', 'item.completed', 'turn.completed'],
  );
  assert.equal(rig.server.requests.length, 2);
});

const GOOSE_ENDS: [Scenario, RegExp][] = [
  ['401', /^Ran into this error: Authentication error: /],
  ['quota', /^Ran into this error: Rate limit exceeded: You exceeded your current quota/],
  ['500', /^Ran into this error: Server error: Server error \(500 /],
  ['reset', /^Network error: /],
];
for (const [scenario, text] of GOOSE_ENDS) {
  test(`Goose puts the failure of scenario ${scenario} into words and exits 0`, LIMIT, async ({ signal }) => {
    await using rig = await startRig();
    const { code, events } = await goose(rig, scenario, signal);
    assert.equal(code, 0);
    const [{ message }, complete] = events.slice(-2);
    assert.deepEqual([message.id, message.role], [null, 'assistant']);
    assert.match(message.content[0].text, text);
    assert.deepEqual(complete, { type: 'complete', total_tokens: null });
  });
}
