import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import { agentClis } from '../support/agent-clis.ts';
import { claudeEnv, codexHome, gooseEnv } from '../support/cli-env.ts';
import type { Step } from '../support/model-server/steps.ts';
import { type ModelRequest, type ModelServer, startModelServer } from '../support/model-server.ts';
import { type E2eProject, makeProject } from './project.ts';
import { until } from './scripted-agent.ts';

// Long enough for the first fetch of the CLIs on a slow line.
const LIMIT = { timeout: 15 * 60_000 };
/** Only a broken program makes the test wait so long. */
const PATIENCE_MS = 120_000;
const CLIS = ['claude', 'codex', 'goose'] as const;
type Cli = (typeof CLIS)[number];

const question = (cli: Cli): string => `Which greeting shall ${cli} write?`;
const ANSWERS = {
  claude: 'The plan says: claude writes hello',
  codex: 'A person says: codex writes hello',
  goose: 'Much later a person says: goose writes hello',
} as const satisfies Record<Cli, string>;

const NONE = { summary: null, feedback: null, questions: null, reason: null };

/** What the models say: each agent asks first, and the orchestrator's agent knows what one of them wants to know. */
function answers(root: string, { prompt }: ModelRequest): readonly Step[] {
  if (prompt.startsWith('# Agents ask')) return [{ result: { status: 'done', answers: advice(prompt) } }];
  const cli = CLIS.find((each) => prompt.includes(`# Task ${each}: `));
  if (cli === undefined) return [{ text: 'I do not know this prompt' }];
  const ask: Step = {
    mcp: { server: 'codewalk', tool: 'ask', input: { questions: [{ question: question(cli) }] } },
  };
  const path = join(root, '.codewalk', 'worktrees', cli, `${cli}.txt`);
  return [
    ...(/: (go on|your questions are answered)$/m.test(prompt) ? [] : [ask]),
    { write: { path, content: `hello from ${cli}\n` } },
    { result: { ...NONE, status: 'done', summary: `${cli} greets` } },
  ];
}

function advice(prompt: string): readonly object[] {
  return [...prompt.matchAll(/^## Question (\S+)$/gm)].map(([, id = '']) =>
    id.startsWith('claude/')
      ? { id, answer: ANSWERS.claude, leave: null }
      : { id, answer: null, leave: 'that is a matter of taste' },
  );
}

async function config(server: ModelServer, home: string): Promise<ConfigFile> {
  const clis = await agentClis();
  const coder = { tools: ['read' as const, 'edit' as const, 'shell' as const] };
  return {
    providers: {
      claude: { command: clis.claude, model: 'claude-sonnet-4-5', env: { ...claudeEnv(server, home) } },
      codex: {
        command: clis.codex,
        // Its own sandbox needs user namespaces, which not every machine that runs tests allows.
        args: ['--dangerously-bypass-approvals-and-sandbox'],
        env: { ...(await codexHome(server, home)) },
      },
      goose: { command: clis.goose, env: { ...gooseEnv(server, home) } },
    },
    agents: {
      orchestrator: { provider: 'claude' },
      ...Object.fromEntries(CLIS.map((cli) => [cli, { provider: cli, ...coder }])),
    },
    questions: { waitMs: 600_000 },
    files: true,
    roadmap: { debounceMs: 100, stabilityMs: 50 },
  };
}

/** Resolves when the log has such an event of the task. */
async function happened(project: E2eProject, type: string, task: Cli): Promise<void> {
  const filter = ['--type', type, '--task', task];
  await using events = await project.start(['events', '--follow', '--json', ...filter], {
    patienceMs: PATIENCE_MS,
  });
  await events.line(() => true);
}

test(
  'S2-33 S2-40 S2-42 S2-50 S3-19 S3-38 S3-39 Claude Code, Codex and Goose ask by MCP; the orchestrator’s agent, a file and the inbox after a restart of the server answer, and all three merge',
  LIMIT,
  async () => {
    const tasks = CLIS.map((cli) => ({ id: cli, title: `Greet by ${cli}`, prompt: 'Greet.', agent: cli }));
    await using project = await makeProject({ roadmap: { version: 1, tasks } });
    const { repo, home } = project;
    await using server = await startModelServer({ fallback: (request) => answers(repo.root, request) });
    repo.write('.codewalk/config.json', JSON.stringify(await config(server, home)));

    const served = await project.cw(['serve']);
    assert.equal(served.code, 0, served.stderr);

    // The orchestrator's agent knows one of the answers, and leaves the others to a person.
    await happened(project, 'task.answered', 'claude');
    await happened(project, 'task.done', 'claude');
    for (const cli of ['codex', 'goose'] as const) await happened(project, 'question.escalated', cli);
    const open = JSON.parse((await project.cw(['inbox', '--json'])).stdout) as { task?: string }[];
    assert.deepEqual(open.map(({ task }) => task).sort(), ['codex', 'goose']);

    // One is answered by saving a file.
    const inbox = join(repo.root, '.codewalk', 'inbox');
    const fileOf = (): string | undefined =>
      existsSync(inbox) ? readdirSync(inbox).find((name) => /^codex-.*\.md$/.test(name)) : undefined;
    await until(inbox, () => fileOf() !== undefined, AbortSignal.timeout(PATIENCE_MS));
    appendFileSync(join(inbox, fileOf() ?? ''), `\n${ANSWERS.codex}\n`);
    await happened(project, 'task.done', 'codex');

    // The other one outlives the server that asked it.
    const restarted = await project.cw(['server', 'restart']);
    assert.equal(restarted.code, 0, restarted.stderr);
    const answered = await project.cw(['inbox', 'answer', 'goose', ANSWERS.goose]);
    assert.equal(answered.code, 0, answered.stderr);
    await happened(project, 'task.done', 'goose');
    const stopped = await project.cw(['stop']);
    assert.equal(stopped.code, 0, stopped.stderr);

    const said = await project.events('--type', 'task.answered');
    assert.deepEqual(Object.fromEntries(said.map(({ task, answer, by }) => [task, [answer, by]])), {
      claude: [ANSWERS.claude, 'orchestrator'],
      codex: [ANSWERS.codex, 'person'],
      goose: [ANSWERS.goose, 'person'],
    });
    assert.equal(said.length, 3);
    for (const cli of CLIS) {
      assert.equal(repo.git('show', `cw/integration:${cli}.txt`), `hello from ${cli}`);
      const heard = server.requests.filter(
        ({ body, prompt }) =>
          prompt?.includes(`# Task ${cli}: `) && JSON.stringify(body).includes(ANSWERS[cli]),
      );
      assert.ok(heard.length > 0, `${cli} hears its answer`);
      const sessions = (await project.events('--task', cli, '--type', 'agent.session')).map(
        ({ session }) => session,
      );
      assert.equal(new Set(sessions).size, 1, `${cli} goes on in its session`);
      const attempts = await project.events('--task', cli, '--type', 'task.claimed');
      assert.equal(attempts.length, cli === 'goose' ? 2 : 1, `attempts of ${cli}`);
    }
    assert.deepEqual(server.strays, []);
    assert.deepEqual(project.processes(), []);
  },
);
