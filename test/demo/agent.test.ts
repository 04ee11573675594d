import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CommandBackend } from '../../src/adapters/command/backend.ts';
import { ProcessLauncher } from '../../src/adapters/process/launcher.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import type { AgentEvent } from '../../src/core/agents/ports.ts';
import { BUILT_IN } from '../../src/core/config/built-in.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'main', 'demo', 'agent.ts');

async function worktree(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cw-demo-agent-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

function start(cwd: string, prompt: string, env: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM], {
    cwd,
    input: prompt,
    encoding: 'utf8',
    env: { CW_DEMO_THINK_MS: '0', ...env },
  });
  assert.equal(status, 0, stderr);
  const lines = stdout.trimEnd().split('\n');
  return { said: lines.slice(0, -1), result: JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> };
}

test('every line that the scripted agent says is marked as scripted, and the last line is its result', async (t) => {
  const cwd = await worktree(t);
  const { said, result } = start(cwd, '# Task slug: Slugs\n', { CW_TASK_ID: 'slug' });
  assert.ok(said.length >= 3);
  for (const line of said) assert.match(line, /^\[scripted\] /);
  assert.equal(result['status'], 'done');
  assert.match(await readFile(join(cwd, 'src', 'slug.mjs'), 'utf8'), /export function slug/);
});

test('a later turn of a session knows how it began', async (t) => {
  const cwd = await worktree(t);
  const env = { CW_TASK_ID: 'changelog', CW_SESSION: 'abc', CW_DEMO_MEMORY: join(cwd, 'memory') };
  start(cwd, '# Task changelog: Changelog\n\n## What was done before\n\n### a: First\n\nmade a\n', env);
  await rm(join(cwd, 'CHANGELOG.md'));
  start(cwd, '# Task changelog: Changelog: go on\n', env);
  assert.match(await readFile(join(cwd, 'CHANGELOG.md'), 'utf8'), /- First: made a/);
});

test('a provider of type command runs it and takes its result as the turn’s', async (t) => {
  const cwd = await worktree(t);
  const backend = new CommandBackend({
    launcher: new ProcessLauncher({ orchestrator: 'orc_demo' }),
    ids: systemIds,
  });
  await using conversation = backend.open({
    cwd,
    provider: { name: 'scripted', type: 'command', command: process.execPath, args: [PROGRAM], env: {} },
    agent: { role: 'coder', ...BUILT_IN.agents.coder },
    mcp: [],
    env: { PATH: process.env['PATH'] ?? '', CW_TASK_ID: 'title-case' },
    limits: BUILT_IN.limits,
    signal: new AbortController().signal,
  });
  const events: AgentEvent[] = [];
  for await (const event of conversation.send('# Task title-case: Title case\n')) events.push(event);
  const last = events.at(-1);
  assert.ok(last?.type === 'outcome' && last.outcome.kind === 'success', JSON.stringify(last));
  assert.equal(last.outcome.result?.status, 'done');
  assert.ok(existsSync(join(cwd, 'src', 'title-case.mjs')));
});
