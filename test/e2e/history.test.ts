import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import { type E2eProject, makeProject } from './project.ts';
import { TURN } from './stub-claude.ts';

const STUB = join(import.meta.dirname, 'stub-claude.ts');

/** A project whose coder is a stand-in for Claude Code; its home is said with each run. */
async function makeClaudeProject(config: ConfigFile = {}): Promise<E2eProject> {
  const project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'paint', prompt: 'Paint it in the right colour.' }] },
    config: {
      providers: { stub: { type: 'claude', command: process.execPath, args: [STUB], model: 'stub-model' } },
      agents: { coder: { provider: 'stub' } },
      budget: { dayUsd: 2 },
      sandbox: { mode: 'off' },
      ...config,
    },
  });
  for (const name of ['here', 'elsewhere']) mkdirSync(join(project.directory, name));
  return project;
}

function runIn(project: E2eProject, home: string) {
  return project.cw(['run'], { env: { CLAUDE_CONFIG_DIR: join(project.directory, home) } });
}

/** The conversation up to the question, and the answer. */
async function askAndAnswer(project: E2eProject): Promise<void> {
  const run = await runIn(project, 'here');
  assert.equal(run.code, 3, run.stdout + run.stderr);
  assert.equal((await project.cw(['inbox', 'answer', 'paint', '2'])).code, 0);
}

async function json(project: E2eProject, ...args: readonly string[]) {
  const { code, stdout, stderr } = await project.cw([...args, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

interface Entry {
  readonly type: string;
  readonly step: number;
  readonly attempt: number;
  readonly text?: string;
  readonly sessionId?: string;
}

async function history(project: E2eProject, ...filter: readonly string[]): Promise<readonly Entry[]> {
  const { code, stdout, stderr } = await project.cw(['agent', 'history', 'paint', '--json', ...filter]);
  assert.equal(code, 0, stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
}

test('S2-30 S2-34 S3-05 a conversation goes on in its session after a restart, and its history is whole', async () => {
  await using project = await makeClaudeProject();
  await askAndAnswer(project);
  const [asking] = await json(project, 'agent', 'list');
  assert.deepEqual([asking.task, asking.agent, asking.status], ['paint', 'coder', 'finished']);
  const again = await runIn(project, 'here');
  assert.equal(again.code, 0, again.stdout + again.stderr);

  const entries = await history(project);
  assert.deepEqual(
    entries.map(({ step, type }) => `${step} ${type}`),
    [
      ...['1 prompt', '1 session', '1 text', '1 usage', '1 outcome'],
      ...['2 prompt', '2 session', '2 text', '2 tool', '2 tool', '2 usage', '2 outcome'],
    ],
  );
  const ids = entries.flatMap(({ sessionId }) => sessionId ?? []);
  assert.equal(new Set(ids).size, 1, 'one session');
  assert.match(entries.findLast(({ type }) => type === 'text')?.text ?? '', /Turn 2 of this conversation/);
  assert.deepEqual(
    (await history(project, '--step', '2')).map(({ step }) => step),
    Array.from({ length: 7 }, () => 2),
  );
  const shown = await project.cw(['agent', 'history', 'paint', '--no-color']);
  assert.match(
    shown.stdout,
    /Paint it in the right colour\.[\s\S]*Turn 1[\s\S]*Which colour\?[\s\S]*⚙ Write colour\.txt/,
  );
});

test('S2-29 S2-34 an agent is shown with its model, session, usage and how to go on with its CLI by hand', async () => {
  await using project = await makeClaudeProject();
  const run = await runIn(project, 'here');
  assert.equal(run.code, 3, run.stdout + run.stderr);
  const [agent] = await json(project, 'agent', 'show', 'paint');
  assert.deepEqual(
    [agent.status, agent.provider, agent.model, agent.account, agent.sandbox, agent.taskState],
    ['waiting', 'stub', 'stub-model', 'stub', 'off', 'waiting_input'],
  );
  assert.equal(agent.byHand, `cd ${agent.worktree} && ${process.execPath} --resume ${agent.session}`);
  assert.equal(agent.lastWords, 'I need to know.');
  assert.deepEqual(agent.usage, {
    turns: 1,
    inputTokens: TURN.input,
    cachedTokens: TURN.cached,
    outputTokens: TURN.output,
    unpricedTokens: 0,
    costUsd: TURN.usd,
  });
  const text = (await project.cw(['agent', 'show', 'paint', '--agent', 'coder'])).stdout;
  assert.match(text, /coder on paint/);
  assert.match(text, /status +waiting/);
  const nobody = await project.cw(['agent', 'show', 'paint', '--agent', 'reviewer']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /no agent reviewer has worked on paint/);
});

test('a session that lies in the home of another machine is replaced by a new one that gets a summary', async () => {
  await using project = await makeClaudeProject();
  await askAndAnswer(project);
  const run = await runIn(project, 'elsewhere');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const prompts = (await history(project)).filter(({ type }) => type === 'prompt');
  assert.deepEqual(
    prompts.map(({ step, attempt }) => [step, attempt]),
    [
      [1, 1],
      [2, 2],
      [3, 2],
    ],
  );
  const anew = prompts[2]?.text ?? '';
  assert.match(anew, /## What happened so far[\s\S]*attempt 1, work by coder \(stub\): questions/);
  assert.match(anew, /Which colour\?[\s\S]*blue/, 'the answer is told again');
  assert.match(anew, /Paint it in the right colour\./);
  assert.equal(project.repo.git('show', 'cw/integration:colour.txt'), 'blue');
  const ends = await project.events('--type', 'agent.ended');
  assert.deepEqual(
    ends.map((event) => event['how']),
    ['waiting', 'failed', 'finished'],
  );
});

test('usage of a session that goes on is counted once, by task, agent, provider, model and day, beside the budget', async () => {
  await using project = await makeClaudeProject();
  await askAndAnswer(project);
  assert.equal((await runIn(project, 'here')).code, 0);
  const total = {
    turns: 2,
    inputTokens: 2 * TURN.input,
    cachedTokens: 2 * TURN.cached,
    outputTokens: 2 * TURN.output,
    unpricedTokens: 0,
    costUsd: 2 * TURN.usd,
  };
  const keys = { task: 'paint', agent: 'coder', provider: 'stub', model: 'stub-model' };
  for (const [by, key] of Object.entries(keys)) {
    const report = await json(project, 'usage', '--by', by);
    assert.deepEqual(report.rows, [{ key, ...total }]);
    assert.deepEqual(report.total, total);
  }
  const byDay = await json(project, 'usage', '--by', 'day', '--since', '2d', '--task', 'paint');
  assert.deepEqual(byDay.total, total);
  assert.match(byDay.rows[0].key, /^\d{4}-\d{2}-\d{2}$/);
  assert.equal((await json(project, 'status')).costUsd, total.costUsd);
  assert.equal((await json(project, 'usage', '--since', '2000-01-01')).total.turns, 2);
  assert.deepEqual((await json(project, 'usage')).budgets, [
    { scope: 'day', limitUsd: 2, spentUsd: 0.5, leftUsd: 1.5 },
  ]);
  const { stdout } = await project.cw(['usage']);
  assert.match(stdout, /^stub +2 +2,000 +800 +400 +\$0\.50$/m);
  assert.match(stdout, /^today: \$0\.50 of \$2\.00 spent, \$1\.50 left$/m);
  const bad = await project.cw(['usage', '--since', 'yesterday']);
  assert.deepEqual([bad.code, /neither a date nor a time/.test(bad.stderr)], [2, true]);
});

test('S2-30 S2-31 S2-35 after a crash of everything the agent is still listed, and goes on in its session', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'long', prompt: 'Take your time.' }] },
    script: {
      long: [
        [
          { print: 'I have begun.' },
          { write: 'half.txt', text: 'half\n' },
          { tell: 'here' },
          { waitFor: 'go' },
        ],
        [{ write: 'whole.txt', text: 'whole\n' }, { result: { status: 'done', summary: 'whole' } }],
      ],
    },
  });
  await using running = await project.start(['run', '--json']);
  await project.untilRecord((record) => record.some(({ kind }) => kind === 'here'));
  await running.line((line) => line.includes('I have begun.'));
  const [working] = await json(project, 'agent', 'list');
  assert.deepEqual([working.status, working.task], ['working', 'long']);
  const started = JSON.parse(running.lines[0] ?? '{}') as { pid?: number };
  process.kill(started.pid ?? 0, 'SIGKILL');
  await running.end;
  const again = await project.cw(['run']);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  const [first, second] = project.starts('long');
  assert.equal(first?.session, second?.session);
  const ends = await project.events('--type', 'agent.ended');
  assert.deepEqual(
    ends.map((event) => event['how']),
    ['crashed', 'finished'],
  );
  const { stdout } = await project.cw(['agent', 'history', 'long', '--no-color']);
  assert.match(stdout, /I have begun\.[\s\S]*crashed[\s\S]*attempt 2[\s\S]*finished/);
  assert.deepEqual(await json(project, 'agent', 'list'), [], 'nobody is at work');
  const [done] = await json(project, 'agent', 'list', '--all');
  assert.deepEqual([done.task, done.status, done.usage.turns], ['long', 'finished', 2]);
});

test('what the orchestrator agent used for its advice is in cw usage, and the sums are what the budget counts', async () => {
  await using project = await makeClaudeProject({
    agents: { coder: { provider: 'stub' }, orchestrator: { provider: 'stub' } },
    questions: { orchestrator: true },
  });
  const run = await runIn(project, 'here');
  assert.equal(run.code, 3, run.stdout + run.stderr);
  const sums: Record<string, readonly [string | null, number][]> = {};
  for (const by of ['agent', 'account', 'task']) {
    const { rows, total, budgets } = await json(project, 'usage', '--by', by);
    assert.deepEqual([total.costUsd, budgets[0].spentUsd], [2 * TURN.usd, 2 * TURN.usd], by);
    sums[by] = rows.map((row: { key: string | null; costUsd: number }) => [row.key, row.costUsd]);
  }
  const [{ agent, account }, usd] = [sums, TURN.usd];
  assert.deepEqual(agent?.toSorted(), [
    ['coder', usd],
    ['orchestrator', usd],
  ]);
  assert.deepEqual(account, [['stub', 2 * usd]]);
  assert.match(
    (await project.cw(['usage', '--by', 'task'])).stdout,
    /\(advice of the orchestrator agent\) +1 /,
  );
});
