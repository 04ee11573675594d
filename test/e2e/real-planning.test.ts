import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import { agentClis } from '../support/agent-clis.ts';
import { claudeEnv, codexHome, gooseEnv } from '../support/cli-env.ts';
import type { Step } from '../support/model-server/steps.ts';
import { type ModelRequest, type ModelServer, startModelServer } from '../support/model-server.ts';
import { makeProject } from './project.ts';

// Long enough for the first fetch of the CLIs on a slow line.
const LIMIT = { timeout: 15 * 60_000 };

const CLIS = ['claude', 'codex', 'goose'] as const;
type Cli = (typeof CLIS)[number];

const NO_TASK = { group: null, agent: null, workflow: null, priority: null, issues: null };

function task(cli: Cli, name: string, depends: readonly string[]) {
  const id = `${cli}-${name}`;
  return {
    ...NO_TASK,
    id,
    title: `Make ${name} by ${cli}`,
    prompt: `Write ${id}.txt, one line that says ${id}.`,
    depends_on: depends,
    files: [`${id}.txt`],
    verify: `test -f ${id}.txt`,
    exit_criteria: [`${id}.txt is there`],
  };
}

/** In the strict form: every key, null for what is absent. */
function plan(tasks: readonly unknown[]) {
  return {
    status: 'done',
    summary: 'A plan.',
    questions: null,
    reason: null,
    plan: {
      title: 'Greetings',
      summary: null,
      serial: null,
      serial_reason: null,
      groups: null,
      tasks,
      changes: null,
      remove: null,
    },
  };
}

/** The model plans a cycle, and mends it when it is told. */
function answers({ prompt }: ModelRequest): readonly Step[] {
  const cli = CLIS.find((each) =>
    new RegExp(`goal:\\n\\nGreet by ${each}\\n|plan-greet-by-${each}:`).test(prompt),
  );
  if (cli === undefined) return [{ text: 'I do not know this prompt' }];
  if (prompt.includes('cannot be used as it is')) {
    return [{ result: plan([task(cli, 'a', []), task(cli, 'b', [`${cli}-a`])]) }];
  }
  const cycle = plan([task(cli, 'a', [`${cli}-b`]), task(cli, 'b', [`${cli}-a`])]);
  return [{ result: cycle }];
}

async function config(server: ModelServer, home: string): Promise<ConfigFile> {
  const clis = await agentClis();
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
    agents: Object.fromEntries(CLIS.map((cli) => [`${cli}-planner`, { provider: cli, tools: ['read'] }])),
  };
}

test(
  'S3-19 S3-20 S3-21 Claude Code, Codex and Goose each plan a goal, mend a cycle in their session, and the plans are merged',
  LIMIT,
  async () => {
    await using project = await makeProject({ roadmap: 'tasks: []\n' });
    const { repo, home } = project;
    await using server = await startModelServer({ fallback: answers });
    project.configure(await config(server, home));

    for (const cli of CLIS) {
      const made = await project.cw(['plan', `Greet by ${cli}`, '--agent', `${cli}-planner`, '--yes']);
      assert.equal(made.code, 0, made.stdout + made.stderr);
      assert.match(made.stdout, new RegExp(`${cli}-a → ${cli}-b → ${cli}-a`));
      assert.match(made.stdout, /2 tasks, longest chain 2/);
      const sessions = await project.events('--task', `plan-greet-by-${cli}`, '--type', 'agent.session');
      assert.equal(new Set(sessions.map((event) => event['session'])).size, 1, `${cli} keeps its session`);
    }
    const run = await project.cw(['run']);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    const files = repo.git('ls-tree', '--name-only', 'cw/integration').split('\n');
    for (const cli of CLIS) for (const name of ['a', 'b']) assert.ok(files.includes(`${cli}-${name}.txt`));
    const usage = JSON.parse((await project.cw(['usage', '--by', 'task', '--json'])).stdout) as {
      rows: { key: string }[];
    };
    for (const cli of CLIS) assert.ok(usage.rows.some(({ key }) => key === `plan-greet-by-${cli}`));
  },
);
