import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { ClaudeBackend } from '../../src/adapters/claude/backend.ts';
import { CodexBackend } from '../../src/adapters/codex/backend.ts';
import { GooseBackend } from '../../src/adapters/goose/backend.ts';
import { isAlive } from '../../src/adapters/process/identity.ts';
import { ProcessLauncher } from '../../src/adapters/process/launcher.ts';
import { processTable } from '../../src/adapters/process/process-table.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import type { Backend, Conversation, McpServer, ProcessIdentity } from '../../src/core/agents/ports.ts';
import { conversation, oneTurn } from '../agents/converse.ts';
import { agentClis } from '../support/agent-clis.ts';
import { claudeEnv, codexHome, gooseEnv } from '../support/cli-env.ts';
import type { Scenario } from '../support/model-server/scenarios.ts';
import { script } from '../support/model-server/steps.ts';
import type { Rig } from './rig.ts';
import { startRig } from './rig.ts';

// Long enough for the first fetch of the CLIs on a slow line.
const LIMIT = { timeout: 15 * 60_000 };

const ORCHESTRATOR = 'orc_real_clis';
const parts = {
  launcher: new ProcessLauncher({ orchestrator: ORCHESTRATOR }),
  ids: systemIds,
  clock: systemClock,
};
const BACKENDS = {
  claude: new ClaudeBackend(parts),
  codex: new CodexBackend(parts),
  goose: new GooseBackend(parts),
} satisfies Record<string, Backend>;
type Name = keyof typeof BACKENDS;
const NAMES = Object.keys(BACKENDS) as Name[];

interface Talk extends Omit<NonNullable<Parameters<typeof conversation>[0]>, 'provider' | 'cwd' | 'env'> {
  /** Keeps Codex in its sandbox, which needs user namespaces: not every machine that runs tests allows them. */
  readonly boxed?: boolean;
  readonly scenario?: Scenario;
}

async function open(
  name: Name,
  rig: Rig,
  { boxed = false, scenario, ...options }: Talk = {},
): Promise<Conversation> {
  const env = {
    claude: () => claudeEnv(rig.server, rig.home, scenario),
    codex: () => codexHome(rig.server, rig.home, scenario),
    goose: () => gooseEnv(rig.server, rig.home, scenario),
  }[name];
  return BACKENDS[name].open(
    conversation({
      cwd: rig.worktree,
      env: await env(),
      provider: {
        type: name,
        command: (await agentClis())[name],
        args: name === 'codex' && !boxed ? ['--dangerously-bypass-approvals-and-sandbox'] : [],
        ...(name === 'claude' ? { model: 'claude-sonnet-4-5' } : {}),
      },
      ...options,
    }),
  );
}

const read = (rig: Rig, path: string) => readFile(join(rig.worktree, path), 'utf8');

for (const name of NAMES) {
  const covers = { claude: 'S3-05', codex: 'S3-06', goose: 'S3-07' }[name];

  test(
    `${covers} ${name} edits files, reports a result and is continued later by its session id`,
    LIMIT,
    async () => {
      await using rig = await startRig();
      const first = await oneTurn(
        await opener(name, rig, { agent: { systemPrompt: 'Speak like a pirate.' } }),
        `# First task ${script(
          { text: 'Looking.', write: { path: join(rig.worktree, 'new.txt'), content: 'new\n' } },
          { shell: 'git status --short' },
          { result: { status: 'done', summary: 'made new.txt', questions: null, reason: null } },
        )}`,
      );
      assert.equal(first.outcome.kind, 'success', JSON.stringify(first.outcome));
      assert.deepEqual(first.outcome.kind === 'success' && first.outcome.result, {
        status: 'done',
        summary: 'made new.txt',
      });
      assert.equal(await read(rig, 'new.txt'), 'new\n');
      assert.match(first.text, /Looking\./);
      assert.ok(first.events.some((event) => event.type === 'tool' && event.status === 'completed'));
      assert.ok(JSON.stringify(rig.server.requests[0]?.body).includes('Speak like a pirate.'));
      const used = first.events.findLast((event) => event.type === 'usage');
      assert.ok(used !== undefined && used.usage.inputTokens === 300 && used.usage.outputTokens === 60);

      assert.ok(first.session !== undefined);
      const session = { sessionId: first.session, totals: used.totals };
      const second = await oneTurn(
        await opener(name, rig, { session }),
        `# Second task ${script(
          { write: { path: join(rig.worktree, 'later.txt'), content: 'later\n' } },
          {
            result: {
              status: 'questions',
              summary: null,
              reason: null,
              questions: [{ id: 'a', question: 'Which?', options: null }],
            },
          },
        )}`,
      );
      assert.deepEqual(second.outcome.kind === 'success' && second.outcome.result, {
        status: 'questions',
        questions: [{ id: 'a', question: 'Which?' }],
      });
      assert.equal(second.session, first.session);
      assert.equal(await read(rig, 'later.txt'), 'later\n');
      assert.equal(second.events.find((event) => event.type === 'usage')?.usage.inputTokens, 200);
      const asked = rig.server.requests.findLast(({ prompt }) => prompt?.includes('# Second task'));
      assert.ok(JSON.stringify(asked?.body).includes('# First task'));
      assert.deepEqual(rig.server.strays, []);
    },
  );

  test(`S3-17 a reviewer on ${name} cannot write, whatever it tries`, LIMIT, async () => {
    await using rig = await startRig();
    // A hostile project hands out more than the role has.
    await mkdir(join(rig.worktree, '.claude'));
    await writeFile(
      join(rig.worktree, '.claude/settings.json'),
      JSON.stringify({ permissions: { allow: ['Bash', 'Write', 'Edit'], defaultMode: 'acceptEdits' } }),
    );
    const attempt = {
      claude: [
        { tool: { name: 'Write', input: { file_path: join(rig.worktree, 'bad.txt'), content: 'bad' } } },
        { tool: { name: 'Bash', input: { command: 'echo bad > bad.txt', description: 'x' } } },
      ],
      codex: [{ shell: 'echo bad > bad.txt' }, { write: { path: 'bad.txt', content: 'bad\n' } }],
      goose: [
        { tool: { name: 'write', input: { path: join(rig.worktree, 'bad.txt'), content: 'bad' } } },
        { tool: { name: 'shell', input: { command: 'echo bad > bad.txt' } } },
      ],
    }[name];
    const rejected = {
      status: 'rejected',
      feedback: 'old.txt is old',
      summary: null,
      questions: null,
      reason: null,
    };
    const { outcome } = await oneTurn(
      await opener(name, rig, { agent: { role: 'reviewer', verdict: true, tools: ['read'] } }),
      script(...attempt, { result: rejected }),
    );
    assert.deepEqual(
      outcome.kind === 'success' && outcome.result,
      { status: 'rejected', feedback: 'old.txt is old' },
      JSON.stringify(outcome),
    );
    assert.equal(existsSync(join(rig.worktree, 'bad.txt')), false);
    assert.equal(await read(rig, 'old.txt'), 'old\n');
  });

  test(`S2-28 a stop of ${name} in the middle of a command leaves no process`, LIMIT, async () => {
    await using rig = await startRig();
    const abort = new AbortController();
    await using talk = await open(name, rig, { signal: abort.signal, limits: { graceMs: 3_000 } });
    const command = 'sh -c "echo \\$\\$ > pid; exec tail -f /dev/null"';
    let outcome: unknown;
    let leader: ProcessIdentity | undefined;
    for await (const event of talk.send(script({ shell: command }, { text: 'never' }))) {
      if (event.type === 'process') leader = event.identity;
      if (event.type === 'tool' && event.status === 'started') {
        await fileExists(join(rig.worktree, 'pid'));
        abort.abort();
      }
      if (event.type === 'outcome') outcome = event.outcome;
    }
    assert.deepEqual(outcome, {
      kind: 'killed',
      byUs: true,
      reason: `${basename((await agentClis())[name])} was stopped`,
    });
    assert.ok(leader !== undefined && !isAlive(leader));
    const marked = [...processTable().variable('CW_ORCHESTRATOR')].filter(([, id]) => id === ORCHESTRATOR);
    assert.deepEqual(
      marked.filter(([pid]) => processTable().row(pid)?.zombie === false),
      [],
    );
  });

  test(`${name} reaches the tools of an MCP server whose secrets are in no argument`, LIMIT, async () => {
    await using rig = await startRig();
    const seen = join(rig.home, 'mcp-seen');
    const server: McpServer = {
      name: 'orch',
      command: process.execPath,
      args: [join(import.meta.dirname, 'mcp-server.ts'), seen, "it's one"],
      env: { TASK_TOKEN: 's3cret' },
    };
    await oneTurn(await opener(name, rig, { mcp: [server] }), script({ text: 'ok' }));
    const { argument, token, tree } = JSON.parse(await readFile(seen, 'utf8'));
    assert.deepEqual({ argument, token }, { argument: "it's one", token: 's3cret' });
    assert.equal(tree.includes('s3cret'), false);
    const offered = rig.server.requests.find(({ prompt }) => prompt !== undefined)?.body;
    if (name !== 'codex') assert.match(JSON.stringify(offered), /orch__ping/);
  });

  test(`a refused credential and an unknown session of ${name} are told apart`, LIMIT, async () => {
    await using rig = await startRig();
    const refused = await oneTurn(await opener(name, rig, { scenario: '403' }));
    assert.equal(refused.outcome.kind, 'auth', JSON.stringify(refused.outcome));
    const totals = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };
    const sessionId = systemIds.uuid();
    const gone = await oneTurn(await opener(name, rig, { session: { sessionId, totals } }));
    assert.equal(gone.outcome.kind, 'context_limit', JSON.stringify(gone.outcome));
  });
}

test('a tool that Codex may use in its sandbox writes in the worktree only', LIMIT, async (t) => {
  await using rig = await startRig();
  // Codex lets its agents write to the directories for temporary files too.
  const outside = join('/var/tmp', `cw-${systemIds.uuid()}.txt`);
  t.after(() => rm(outside, { force: true }));
  const steps = script({ shell: `echo in > inside.txt; echo out > ${outside}; true` }, { text: 'tried' });
  await oneTurn(await opener('codex', rig, { boxed: true }), steps);
  // On Linux the sandbox needs user namespaces; without them nothing runs in it at all.
  const boxable = process.platform !== 'linux' || spawnSync('unshare', ['-Ur', 'true']).status === 0;
  assert.equal(existsSync(join(rig.worktree, 'inside.txt')), boxable);
  assert.equal(existsSync(outside), false);
});

async function opener(name: Name, rig: Rig, options: Talk = {}): Promise<() => Conversation> {
  const talk = await open(name, rig, options);
  return () => talk;
}

async function fileExists(path: string): Promise<void> {
  while (!existsSync(path)) await systemClock.sleep(20);
}
