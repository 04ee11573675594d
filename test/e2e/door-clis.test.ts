import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import { agentClis } from '../support/agent-clis.ts';
import { claudeEnv, codexHome, gooseEnv } from '../support/cli-env.ts';
import type { Step } from '../support/model-server/steps.ts';
import { type ModelRequest, type ModelServer, startModelServer } from '../support/model-server.ts';
import { makeProject } from './project.ts';

// Long enough for the first fetch of the CLIs on a slow line.
const LIMIT = { timeout: 15 * 60_000 };
/** The last one is any agent that speaks ACP; here it is Goose. */
const CLIS = ['claude', 'codex', 'goose', 'acp'] as const;

const mcp = (tool: string, input: Record<string, unknown> = {}): Step => ({
  mcp: { server: 'codewalk', tool, input },
});

/** What the model of one CLI does in its only turn: by its tools, by `cw` in its shell, and a file. */
function answers(root: string, { prompt }: ModelRequest): readonly Step[] {
  const cli = CLIS.find((each) => prompt.includes(`# Task ${each}: `));
  if (cli === undefined) return [{ text: 'I do not know this prompt' }];
  const path = join(root, '.codewalk', 'worktrees', cli, `${cli}.txt`);
  return [
    mcp('get_task'),
    mcp('report_progress', { text: `${cli} begins`, percent: 10 }),
    mcp('send_message', { to: 'person', text: `hello from ${cli}` }),
    { shell: `cw report "${cli} is half way" --percent 50` },
    mcp('ask', { questions: [{ question: `What shall ${cli} write?`, options: ['made', 'nothing'] }] }),
    { write: { path, content: 'made\n' } },
    mcp('report_result', { status: 'done', summary: `${cli} reported this` }),
    { text: 'That was it.' },
  ];
}

async function config(server: ModelServer, home: string): Promise<ConfigFile> {
  const clis = await agentClis();
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
      acp: { type: 'acp', command: clis.goose, args: ['acp'], env: { ...gooseEnv(server, home) } },
    },
    questions: { orchestrator: false, waitMs: 600_000 },
    agents: Object.fromEntries(
      CLIS.map((cli) => [
        cli,
        { provider: cli, tools: ['read' as const, 'edit' as const, 'shell' as const] },
      ]),
    ),
  };
}

test(
  'S2-33 Claude Code, Codex, Goose and an ACP agent reach their orchestrator by MCP and by cw while they work',
  LIMIT,
  async () => {
    const tasks = CLIS.map((cli) => ({ id: cli, title: `Work by ${cli}`, prompt: 'Work.', agent: cli }));
    await using project = await makeProject({ roadmap: { version: 1, tasks } });
    const { repo, home } = project;
    await using server = await startModelServer({ fallback: (request) => answers(repo.root, request) });
    repo.write('.codewalk/config.json', JSON.stringify(await config(server, home)));

    await using running = await project.start(['run', '--json']);
    for (const cli of CLIS) {
      await running.line((line) => line.includes('"question.asked"') && line.includes(`"task":"${cli}"`));
      const answered = await project.cw(['inbox', 'answer', cli, `Write "made", dear ${cli}`]);
      assert.equal(answered.code, 0, answered.stderr);
    }
    const run = await running.end;

    assert.equal(run.code, 0, run.stdout + run.stderr);
    for (const cli of CLIS) {
      const reports = await project.events('--task', cli, '--type', 'agent.reported');
      assert.deepEqual(
        reports.map(({ text, percent }) => [text, percent]),
        [
          [`${cli} begins`, 10],
          [`${cli} is half way`, 50],
        ],
        cli,
      );
      const told = server.requests.some(({ body }) => `${JSON.stringify(body)}`.includes(`dear ${cli}`));
      assert.ok(told, `${cli} hears the answer in the same turn`);
      const turns = await project.events('--task', cli, '--type', 'agent.ended');
      assert.equal(turns.length, 1, cli);
      const [sent] = (await project.events('--type', 'message.sent')).filter(
        ({ from }) => from === `task:${cli}`,
      );
      assert.deepEqual([sent?.['to'], sent?.['text']], ['person', `hello from ${cli}`], cli);
      const [finished] = await project.events('--task', cli, '--type', 'step.finished');
      assert.equal(finished?.['summary'], `${cli} reported this`);
      assert.equal(repo.git('show', `cw/integration:${cli}.txt`), 'made');
    }
    assert.deepEqual(server.strays, []);
    assert.deepEqual(project.processes(), []);
  },
);
