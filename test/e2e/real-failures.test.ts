import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import { agentClis } from '../support/agent-clis.ts';
import { claudeEnv, codexHome, gooseEnv } from '../support/cli-env.ts';
import type { Scenario } from '../support/model-server/scenarios.ts';
import { type ModelRequest, type ModelServer, startModelServer } from '../support/model-server.ts';
import { type E2eProject, makeProject } from './project.ts';

// Long enough for the first fetch of the CLIs on a slow line.
const LIMIT = { timeout: 15 * 60_000 };
/** Longer than any CLI is silent while it works, also on a busy machine. */
const SILENCE_MS = 15_000;

/** What befalls the model of each task's agent. Each meets it in an account of its own. */
const CASES = {
  transient: { cli: 'goose', scenario: 'cut_x1' },
  stalled: { cli: 'codex', scenario: '429-after-3600_x1' },
  full: { cli: 'codex', scenario: 'context_x1' },
  limited: { cli: 'claude', scenario: 'usage_x1' },
  permanent: { cli: 'codex', scenario: '404' },
  refused: { cli: 'goose', scenario: '401' },
} as const satisfies Record<string, { cli: 'claude' | 'codex' | 'goose'; scenario: Scenario }>;
type Case = keyof typeof CASES;
const NAMES = Object.keys(CASES) as Case[];

async function config(server: ModelServer, home: string): Promise<ConfigFile> {
  const clis = await agentClis();
  const env = {
    claude: (scenario: Scenario) => claudeEnv(server, home, scenario),
    codex: (scenario: Scenario, name: Case) => codexHome(server, join(home, name), scenario),
    goose: (scenario: Scenario) => gooseEnv(server, home, scenario),
  };
  const provider = async (name: Case) => {
    const { cli, scenario } = CASES[name];
    return {
      type: cli,
      command: clis[cli],
      // Its sandbox needs user namespaces, which not every machine that runs tests allows.
      ...(cli === 'codex' ? { args: ['--dangerously-bypass-approvals-and-sandbox'] } : {}),
      ...(cli === 'claude' ? { model: 'claude-sonnet-4-5' } : {}),
      env: { ...(await env[cli](scenario, name)) },
    };
  };
  const providers = await Promise.all(NAMES.map(async (name) => [name, await provider(name)] as const));
  return {
    providers: Object.fromEntries(providers),
    agents: Object.fromEntries(
      NAMES.map((name) => [name, { provider: name, tools: ['read', 'edit', 'shell'] as const }]),
    ),
    maxAgents: NAMES.length,
    limits: { silenceMs: SILENCE_MS },
    // Nobody asks here, and who may wait for an answer may be silent for longer.
    questions: { waitMs: 0 },
  };
}

function taskOf({ scenario }: ModelRequest): Case | undefined {
  return NAMES.find((name) => CASES[name].scenario === scenario);
}

/** How each failed attempt of a task ended, and why. */
async function failures(project: E2eProject, task: Case): Promise<readonly (readonly [unknown, unknown])[]> {
  const retried = await project.events('--task', task, '--type', 'task.retried');
  return retried.map((event) => [event['outcome'], event['reason']]);
}

test(
  'S3-56 S3-57 S3-60 the installed program finishes unaided what real CLIs could not at first, and gives up what cannot be',
  LIMIT,
  async () => {
    const root = { path: '' };
    await using server = await startModelServer({
      usageResetsAt: Math.floor(Date.now() / 1_000) + 5,
      fallback: (request) => {
        const task = taskOf(request);
        if (task === undefined) return [{ text: 'I do not know this prompt' }];
        const path = join(root.path, '.codewalk', 'worktrees', task, `${task}.txt`);
        const none = { feedback: null, questions: null, reason: null };
        return [
          { text: 'Writing.', write: { path, content: 'Good morning\n' } },
          { result: { ...none, status: 'done', summary: `greeted after ${task}` } },
        ];
      },
    });
    await using project = await makeProject({
      roadmap: {
        version: 1,
        tasks: NAMES.map((name) => ({
          id: name,
          prompt: `The ${name} greeting is to be written.`,
          agent: name,
        })),
      },
    });
    root.path = project.repo.root;
    project.repo.write('.codewalk/config.json', JSON.stringify(await config(server, project.home)));
    const run = await project.cw(['run']);
    // The refused credential waits for a person, which says more than that another task failed.
    assert.equal(run.code, 3, run.stdout + run.stderr);
    const tasks = await project.tasks();
    assert.deepEqual(
      NAMES.map((name) => [name, tasks[name]?.state, tasks[name]?.attempts, tasks[name]?.['failures']]),
      [
        ['transient', 'done', 2, 1],
        ['stalled', 'done', 2, 1],
        ['full', 'done', 2, 1],
        // A limit and a refused account are nobody's failure: the task waits for its provider.
        ['limited', 'done', 2, 0],
        ['permanent', 'failed', 1, 0],
        ['refused', 'pending', 1, 0],
      ],
      run.stdout,
    );
    for (const name of NAMES.slice(0, 4))
      assert.equal(project.repo.git('show', `cw/integration:${name}.txt`), 'Good morning');

    assert.deepEqual(
      (await failures(project, 'transient')).map(([outcome]) => outcome),
      ['transient'],
    );
    const [[outcome, reason] = []] = await failures(project, 'stalled');
    assert.equal(outcome, 'stalled');
    assert.match(String(reason), /printed nothing for 15 s; limits\.silenceMs allows 15 s$/);

    const sessions = await project.events('--task', 'full', '--type', 'agent.session');
    assert.equal(new Set(sessions.map((event) => event['session'])).size, 2);
    const again = server.requests.findLast(({ scenario }) => scenario === 'context_x1');
    assert.ok(again?.prompt?.includes('The full greeting'), 'the new conversation is told the task');

    const claims = await project.events('--task', 'limited', '--type', 'task.claimed');
    assert.ok(Date.parse(String(claims[1]?.['at'])) >= server.usageResetsAt * 1_000);

    const asked = (name: Case) =>
      server.requests.filter(
        ({ scenario, prompt }) => scenario === CASES[name].scenario && prompt !== undefined,
      );
    assert.deepEqual([asked('permanent').length, asked('refused').length], [1, 1]);
    assert.match(run.stdout, /refused is cut off .*Authentication error/);
    assert.deepEqual(server.strays, []);
  },
);
