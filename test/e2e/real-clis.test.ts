import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import { agentClis } from '../support/agent-clis.ts';
import { claudeEnv, codexHome, gooseEnv } from '../support/cli-env.ts';
import { TOKENS } from '../support/model-server/protocol.ts';
import type { Step } from '../support/model-server/steps.ts';
import { type ModelRequest, type ModelServer, startModelServer } from '../support/model-server.ts';
import { type E2eProject, makeProject } from './project.ts';

// Long enough for the first fetch of the CLIs on a slow line.
const LIMIT = { timeout: 15 * 60_000 };

const CLIS = ['claude', 'codex', 'goose'] as const;
type Cli = (typeof CLIS)[number];
/** What each speaks to its model. */
const PROTOCOLS = { claude: 'anthropic', codex: 'responses', goose: 'chat' } as const;

/** Stands in the task's prompt only, so that whoever sees it later sees the earlier turns. */
const wish = (cli: Cli): string => `The greeting of ${cli} should be polite.`;

const ROADMAP = {
  version: 1,
  tasks: CLIS.map((cli) => ({ id: cli, title: `Greet by ${cli}`, prompt: wish(cli), workflow: cli })),
};

const NONE = { summary: null, feedback: null, questions: null, reason: null };

/** What the model does, by the kind of prompt that Codewalk wrote: a rude draft, a rejection, a polite one. */
function answers(root: string, { prompt }: ModelRequest): readonly Step[] {
  const cli = CLIS.find((each) => prompt.includes(`ask ${each}: `));
  if (cli === undefined) return [{ text: 'I do not know this prompt' }];
  const path = join(root, '.codewalk', 'worktrees', cli, `${cli}.txt`);
  const write = (content: string): readonly Step[] => [
    { text: 'Writing.', write: { path, content } },
    { result: { ...NONE, status: 'done', summary: `wrote ${content.trim()}` } },
  ];
  if (prompt.includes('# Review of task')) {
    return prompt.includes('+Good morning')
      ? [{ result: { ...NONE, status: 'done', summary: 'polite' } }]
      : [{ result: { ...NONE, status: 'rejected', feedback: 'That is rude.' } }];
  }
  return write(prompt.includes('the work came back') ? 'Good morning\n' : 'Oi\n');
}

async function config(server: ModelServer, home: string): Promise<ConfigFile> {
  const clis = await agentClis();
  const coder = { tools: ['read' as const, 'edit' as const, 'shell' as const] };
  const reviewer = { tools: ['read' as const], verdict: true };
  const crew = (cli: Cli) => ({
    [`${cli}-coder`]: { provider: cli, ...coder },
    [`${cli}-reviewer`]: { provider: cli, ...reviewer },
  });
  return {
    providers: {
      claude: { command: clis.claude, model: 'claude-sonnet-4-5', env: { ...claudeEnv(server, home) } },
      codex: {
        command: clis.codex,
        // Its sandbox needs user namespaces, which not every machine that runs tests allows.
        args: ['--dangerously-bypass-approvals-and-sandbox'],
        env: { ...(await codexHome(server, home)) },
      },
      goose: { command: clis.goose, env: { ...gooseEnv(server, home) } },
    },
    agents: { ...crew('claude'), ...crew('codex'), ...crew('goose') },
    workflows: Object.fromEntries(
      CLIS.map((cli) => [
        cli,
        {
          steps: [
            { agent: `${cli}-coder` },
            { agent: `${cli}-reviewer`, onReject: `${cli}-coder`, maxRounds: 2 },
          ],
        },
      ]),
    ),
  };
}

async function assertOneSession(project: E2eProject, server: ModelServer, cli: Cli): Promise<void> {
  const steps = (await project.events('--task', cli, '--type', 'step.started')).map(
    (event) => event['agent'],
  );
  const [coder, reviewer] = [`${cli}-coder`, `${cli}-reviewer`];
  assert.deepEqual(steps, [coder, reviewer, coder, reviewer]);
  const sessions = (await project.events('--task', cli, '--type', 'agent.session')).map(
    (event) => event['session'],
  );
  assert.equal(sessions.length, steps.length);
  const [first, second] = sessions;
  assert.notEqual(first, second);
  assert.deepEqual(sessions, [first, second, first, second]);
  const again = server.requests.findLast(
    ({ prompt }) => prompt?.includes(`ask ${cli}: `) && prompt.includes('the work came back'),
  );
  const prompt = again?.prompt ?? '';
  assert.ok(prompt.includes('That is rude.'), `${cli} is told what to change`);
  assert.ok(!prompt.includes(wish(cli)), `${cli} is not told again what it knows`);
  const seen = JSON.stringify(again?.body);
  for (const earlier of [wish(cli), 'wrote Oi']) assert.ok(seen.includes(earlier), `${cli}: ${earlier}`);
}

test(
  'S3-53 S3-32 S3-72 the installed program has Claude Code, Codex and Goose write, review and mend in their sessions, and merges the work of all three',
  LIMIT,
  async () => {
    await using project = await makeProject({ roadmap: ROADMAP });
    const { repo, home } = project;
    await using server = await startModelServer({ fallback: (request) => answers(repo.root, request) });
    repo.write('.codewalk/config.json', JSON.stringify(await config(server, home)));

    const run = await project.cw(['run']);

    assert.equal(run.code, 0, run.stdout + run.stderr);
    for (const cli of CLIS) {
      assert.equal(repo.git('show', `cw/integration:${cli}.txt`), 'Good morning');
      await assertOneSession(project, server, cli);
    }
    assert.deepEqual(
      repo.git('ls-tree', '--name-only', 'cw/integration').split('\n'),
      ['README.md', ...CLIS.map((cli) => `${cli}.txt`)].sort(),
    );
    assert.deepEqual(server.strays, []);
    assert.ok(server.requests.every(({ protocol }) => protocol !== undefined));
    assert.deepEqual(project.processes(), []);
  },
);

test(
  'S3-53 S3-52 after kill -9 in the middle of a turn, Claude Code, Codex and Goose go on in the sessions they had',
  LIMIT,
  async () => {
    const tasks = ROADMAP.tasks.map(({ workflow: cli, ...task }) => ({ ...task, agent: `${cli}-coder` }));
    await using project = await makeProject({ roadmap: { version: 1, tasks } });
    const { repo, home } = project;
    const reached = Promise.withResolvers<void>();
    const waiting = new Set<string>();
    await using server = await startModelServer({
      // The file is written; what the model says next comes only after the crash.
      async fallback(request) {
        if (request.toolResults > 0 && !request.prompt.includes(': go on')) {
          waiting.add(request.prompt);
          if (waiting.size === CLIS.length) reached.resolve();
          await new Promise(() => {});
        }
        return answers(repo.root, request);
      },
    });
    repo.write('.codewalk/config.json', JSON.stringify(await config(server, home)));

    await using running = await project.start(['run', '--json']);
    await Promise.race([reached.promise, running.end]);
    process.kill(-running.pid, 'SIGKILL');
    assert.equal((await running.end).code, null);
    const run = await project.cw(['run']);

    assert.equal(run.code, 0, run.stdout + run.stderr);
    for (const cli of CLIS) {
      assert.equal(repo.git('show', `cw/integration:${cli}.txt`), 'Oi');
      const sessions = await project.events('--task', cli, '--type', 'agent.session');
      assert.equal(sessions.length, 2);
      assert.equal(sessions[0]?.['session'], sessions[1]?.['session'], `${cli} goes on in its session`);
      const again = server.requests.find(({ prompt }) =>
        prompt?.includes(`ask ${cli}: Greet by ${cli}: go on`),
      );
      assert.ok(
        again !== undefined && !again.prompt?.includes(wish(cli)),
        `${cli} is not told its task again`,
      );
      assert.ok(JSON.stringify(again.body).includes(wish(cli)), `${cli} remembers its task`);
    }
    assert.deepEqual(server.strays, []);
    assert.deepEqual(project.processes(), []);
  },
);

test(
  'S3-05 S3-06 S3-07 S2-30 Claude Code, Codex and Goose keep one conversation a role, whose history is whole and whose tokens are counted once',
  LIMIT,
  async () => {
    await using project = await makeProject({ roadmap: ROADMAP });
    const { repo, home } = project;
    await using server = await startModelServer({ fallback: (request) => answers(repo.root, request) });
    repo.write('.codewalk/config.json', JSON.stringify(await config(server, home)));
    const run = await project.cw(['run']);
    assert.equal(run.code, 0, run.stdout + run.stderr);

    const { rows } = JSON.parse((await project.cw(['usage', '--json'])).stdout) as {
      rows: {
        key: string;
        turns: number;
        inputTokens: number;
        outputTokens: number;
        unpricedTokens: number;
      }[];
    };
    for (const cli of CLIS) {
      const { stdout } = await project.cw(['agent', 'history', cli, '--json']);
      const entries = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { step: number; type: string; agent: string; sessionId?: string });
      for (const type of ['prompt', 'session', 'usage', 'outcome']) {
        const steps = new Set(entries.filter((entry) => entry.type === type).map(({ step }) => step));
        assert.deepEqual([...steps], [1, 2, 3, 4], `${cli}: each turn has its ${type}`);
      }
      for (const role of ['coder', 'reviewer']) {
        const own = entries.filter(({ agent }) => agent === `${cli}-${role}`);
        const sessions = new Set(own.flatMap(({ sessionId }) => sessionId ?? []));
        assert.equal(sessions.size, 1, `${cli}-${role} has one session`);
      }
      // The scripted model says of every request that it used the same.
      const requests = server.requests.filter(({ protocol }) => protocol === PROTOCOLS[cli]).length;
      const used = rows.find(({ key }) => key === cli);
      assert.deepEqual(
        [used?.turns, used?.inputTokens, used?.outputTokens],
        [4, requests * TOKENS.input, requests * TOKENS.output],
        cli,
      );
      const isPriced = cli === 'claude';
      assert.equal(used?.unpricedTokens, isPriced ? 0 : requests * (TOKENS.input + TOKENS.output), cli);
    }
  },
);

test(
  'S2-30 a session that Claude Code, Codex or Goose does not know on another machine is replaced by one with a summary',
  LIMIT,
  async () => {
    const tasks = ROADMAP.tasks.map(({ workflow: cli, ...task }) => ({ ...task, agent: `${cli}-coder` }));
    await using project = await makeProject({ roadmap: { version: 1, tasks } });
    const { repo, home } = project;
    const asks = [{ id: 'q1', question: 'How polite?', options: null }];
    const questions: readonly Step[] = [
      { result: { status: 'questions', summary: null, reason: null, questions: asks } },
    ];
    await using server = await startModelServer({
      fallback: (request) =>
        request.prompt.includes('# Task ') && !request.prompt.includes('How polite?')
          ? questions
          : answers(repo.root, request),
    });
    repo.write('.codewalk/config.json', JSON.stringify(await config(server, home)));
    const asked = await project.cw(['run']);
    assert.equal(asked.code, 3, asked.stdout + asked.stderr);
    for (const cli of CLIS) {
      const answer = await project.cw(['inbox', 'answer', cli, 'Very']);
      assert.equal(answer.code, 0, answer.stderr + asked.stdout);
    }

    // Another machine has neither the homes of the sandboxes here nor this person's.
    rmSync(join(repo.root, '.codewalk', 'state', 'homes'), { recursive: true, force: true });
    const elsewhere = join(project.directory, 'elsewhere');
    mkdirSync(elsewhere);
    repo.write('.codewalk/config.json', JSON.stringify(await config(server, elsewhere)));
    const run = await project.cw(['run']);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    for (const cli of CLIS) {
      const steps = await project.events('--task', cli, '--type', 'step.finished');
      assert.deepEqual(
        steps.map((event) => event['outcome']),
        ['success', 'context_limit', 'success'],
        cli,
      );
      const last = server.requests.findLast(({ prompt }) => prompt?.includes(`ask ${cli}: `));
      const prompt = last?.prompt ?? '';
      assert.match(prompt, /## What happened so far[\s\S]*work by \w+-coder \(\w+\): questions/, cli);
      assert.match(prompt, /How polite\?[\s\S]*Very/, cli);
      assert.ok(prompt.includes(wish(cli)), `${cli} is told its task again`);
    }
  },
);
