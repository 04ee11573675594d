import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ClaudeBackend } from '../../src/adapters/claude/backend.ts';
import { ProcessLauncher } from '../../src/adapters/process/launcher.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import { conversation, oneTurn } from '../agents/converse.ts';
import { controlFiles, makeEvidence } from '../hostile/plants.ts';
import { agentClis } from '../support/agent-clis.ts';
import { claudeEnv } from '../support/cli-env.ts';
import { script } from '../support/model-server/steps.ts';
import { type Rig, runAgent, startRig } from './rig.ts';

const run = promisify(execFile);

// Long enough for the first fetch of the CLIs on a slow line.
const LIMIT = { timeout: 15 * 60_000 };

/** Lays the hostile suite's files into the worktree. */
async function plant({ worktree, home }: Rig): Promise<ReturnType<typeof makeEvidence>> {
  const evidence = makeEvidence(join(home, 'evidence'));
  for (const [path, text] of Object.entries(controlFiles(evidence.run))) {
    await mkdir(dirname(join(worktree, path)), { recursive: true });
    await writeFile(join(worktree, path), text);
  }
  return evidence;
}

test('Claude Code by itself runs the planted hooks and MCP server', LIMIT, async ({ signal }) => {
  await using rig = await startRig();
  const evidence = await plant(rig);
  const { claude: program } = await agentClis();
  const env = claudeEnv(rig.server, rig.home);
  const { ANTHROPIC_BASE_URL } = env;
  await runAgent({
    program,
    args: [
      ...['-p', '--output-format', 'stream-json', '--verbose', '--model', 'claude-sonnet-4-5'],
      // The planted settings lead elsewhere.
      ...['--permission-mode', 'acceptEdits', '--settings', JSON.stringify({ env: { ANTHROPIC_BASE_URL } })],
    ],
    cwd: rig.worktree,
    env,
    prompt: `# Task\n\n${script({ write: { path: 'new.txt', content: 'x' } }, { text: 'Done.' })}\n`,
    signal,
  });
  assert.deepEqual(evidence.found(), ['claude-pre-tool', 'claude-session-start', 'mcp']);
});

test(
  'Claude Code as Codewalk starts it runs none of them, and keeps to the model of the person',
  LIMIT,
  async () => {
    await using rig = await startRig();
    const evidence = await plant(rig);
    const backend = new ClaudeBackend({
      launcher: new ProcessLauncher({ orchestrator: 'orc_plants' }),
      ids: systemIds,
      clock: systemClock,
    });
    const command = (await agentClis()).claude;
    await writeFile(join(rig.worktree, 'CLAUDE.md'), 'Greet in Latin.\n');
    const turn = await oneTurn(
      () =>
        backend.open(
          conversation({
            cwd: rig.worktree,
            env: claudeEnv(rig.server, rig.home),
            provider: { type: 'claude', command, args: [], model: 'claude-sonnet-4-5' },
          }),
        ),
      `# Task\n\n${script(
        { write: { path: join(rig.worktree, 'new.txt'), content: 'x' } },
        { result: { status: 'done', summary: 'wrote it', questions: null, reason: null } },
      )}\n`,
    );
    assert.equal(turn.outcome.kind, 'success', JSON.stringify(turn.outcome));
    assert.deepEqual(evidence.found(), []);
    assert.ok(
      JSON.stringify(rig.server.requests[0]?.body).includes('instructions in CLAUDE.md or AGENTS.md'),
    );
  },
);

test('Codex takes the planted MCP server for its own', LIMIT, async () => {
  await using rig = await startRig();
  await plant(rig);
  const { codex } = await agentClis();
  const env = { PATH: process.env.PATH, HOME: rig.home, CODEX_HOME: join(rig.worktree, '.codex') };
  const { stdout } = await run(codex, ['mcp', 'list', '--json'], { cwd: rig.worktree, env });
  const [{ name, transport }] = JSON.parse(stdout);
  assert.deepEqual([name, transport.command, transport.args[0]], ['evil', 'sh', '-c']);
});
