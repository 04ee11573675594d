import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { ClaudeBackend } from '../../src/adapters/claude/backend.ts';
import { CodexBackend } from '../../src/adapters/codex/backend.ts';
import { GooseBackend } from '../../src/adapters/goose/backend.ts';
import { ProcessLauncher } from '../../src/adapters/process/launcher.ts';
import { processTable } from '../../src/adapters/process/process-table.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import type { Backend, Conversation, OutputLine } from '../../src/core/agents/ports.ts';
import { conversation, oneTurn, turn } from './converse.ts';
import type { CliName } from './replay.ts';
import { brief, kinds, TRANSCRIPTS } from './replay.ts';
import type { StubPart } from './stub-cli.ts';

const parts = {
  launcher: new ProcessLauncher({ orchestrator: 'orc_test' }),
  ids: systemIds,
  clock: systemClock,
};
const BACKENDS: Record<CliName, Backend> = {
  claude: new ClaudeBackend(parts),
  codex: new CodexBackend(parts),
  goose: new GooseBackend(parts),
};
const CLIS = Object.keys(BACKENDS) as CliName[];

/** A conversation with a stub in the place of the CLI. */
function stub(
  cli: CliName,
  part: StubPart,
  options: Parameters<typeof conversation>[0] = {},
): () => Conversation {
  const provider = {
    type: cli,
    command: process.execPath,
    args: [join(import.meta.dirname, 'stub-cli.ts'), JSON.stringify(part)],
    ...options.provider,
  };
  return () => BACKENDS[cli].open(conversation({ ...options, provider }));
}

const recorded = (cli: CliName, file: string) => join(TRANSCRIPTS, cli, file);

async function scratch(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cw-stub-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

test('a run is continued with the id that the CLI gave or got', async (t) => {
  const log = join(await scratch(t), 'log.json');
  const seen = async () => JSON.parse(await readFile(log, 'utf8'));
  for (const [cli, first, second] of [
    ['claude', ['--session-id'], ['--resume']],
    ['codex', [], ['resume']],
    ['goose', ['--name'], ['--resume', '--name']],
  ] as const) {
    await using talk = stub(cli, {
      log,
      play: recorded(cli, 'edit.jsonl').replace('codex/edit', 'codex/edit-bypass'),
    })();
    const { session } = await turn(talk, 'one');
    assert.ok(session !== undefined);
    const begun = await seen();
    assert.equal(begun.prompt, 'one');
    if (first.length > 0) assert.ok(begun.args.includes(first[0]), `${cli} ${begun.args}`);
    assert.ok(!begun.args.includes(second[0]), `${cli} ${begun.args}`);
    await turn(talk, 'two');
    const continued = await seen();
    const at = continued.args.indexOf(second.at(-1));
    assert.equal(continued.args[at + 1], session, `${cli} ${continued.args}`);
    assert.ok(second.every((flag) => continued.args.includes(flag)));
  }
});

test('after a session that is gone the same conversation begins a new one', async (t) => {
  const log = join(await scratch(t), 'log.json');
  const totals = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };
  const part = { log, stderr: "Error: No session found with name 'old'\n", exit: 1 };
  await using talk = stub('goose', part, { session: { sessionId: 'old', totals } })();
  assert.equal((await turn(talk, 'one')).outcome.kind, 'context_limit');
  assert.ok(JSON.parse(await readFile(log, 'utf8')).args.includes('--resume'));
  await turn(talk, 'two');
  assert.ok(!JSON.parse(await readFile(log, 'utf8')).args.includes('--resume'));
});

test('the environment cuts other traffic, and the provider’s own has the last word', async (t) => {
  const log = join(await scratch(t), 'log.json');
  const env = async (cli: CliName, provider = {}) => {
    await oneTurn(stub(cli, { log }, { provider: { env: provider } }));
    return JSON.parse(await readFile(log, 'utf8')).env;
  };
  const claude = await env('claude');
  assert.equal(claude.CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC, '1');
  assert.equal(claude.CLAUDE_CODE_DISABLE_AUTO_MEMORY, '1');
  assert.equal(
    (await env('claude', { CLAUDE_CODE_DISABLE_AUTO_MEMORY: '0' })).CLAUDE_CODE_DISABLE_AUTO_MEMORY,
    '0',
  );
  assert.equal((await env('goose')).GOOSE_TELEMETRY_ENABLED, 'false');
});

test('a line of 300 KB arrives whole', async (t) => {
  const file = join(await scratch(t), 'long.jsonl');
  const said = 'x'.repeat(300_000);
  const item = { id: 'item_0', type: 'agent_message', text: said };
  const lines = [
    { type: 'thread.started', thread_id: 't-1' },
    { type: 'item.completed', item },
    { type: 'turn.completed', usage: { input_tokens: 1, output_tokens: 1 } },
  ];
  await writeFile(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  const { outcome } = await oneTurn(stub('codex', { play: file }));
  assert.deepEqual(outcome, { kind: 'success', text: said });
});

test('a last line that SIGKILL cut in two ends as killed, with what came before it', async () => {
  const play = recorded('claude', 'edit.jsonl');
  const whole = await readFile(play);
  const bytes = whole.lastIndexOf('\n', whole.length - 2) + 200;
  const cut = await oneTurn(stub('claude', { play, bytes, exit: 'SIGKILL' }));
  assert.equal(brief(cut), 'killed');
  assert.equal(kinds(cut), 'session text tool×8 text');
});

test('a program that outlives the CLI and holds its output open is ended, and the turn with it', async (t) => {
  const file = join(await scratch(t), 'pid');
  const ended = await oneTurn(stub('claude', { play: recorded('claude', 'text.jsonl'), leave: file }));
  assert.equal(brief(ended), 'success');
  const row = processTable().row(Number(await readFile(file, 'utf8')));
  assert.ok(row === undefined || row.zombie);
});

test('S3-12 a CLI that says nothing for ever is stopped by the named limit', async () => {
  for (const cli of CLIS) {
    const silent = await oneTurn(stub(cli, { hang: true }, { limits: { firstOutputMs: 400, graceMs: 200 } }));
    assert.equal(silent.outcome.kind === 'stalled' && silent.outcome.limit, 'firstOutputMs');
  }
  const play = recorded('codex', 'fail-429long.jsonl');
  const waiting = await oneTurn(
    stub('codex', { play, hang: true }, { limits: { silenceMs: 400, graceMs: 200 } }),
  );
  assert.equal(waiting.outcome.kind === 'stalled' && waiting.outcome.limit, 'silenceMs');
  assert.equal(kinds(waiting), 'session retrying');
});

test('a CLI that has finished but does not end has succeeded', async () => {
  const play = recorded('codex', 'text.jsonl');
  const late = await oneTurn(
    stub('codex', { play, hang: true }, { limits: { silenceMs: 400, graceMs: 200 } }),
  );
  assert.equal(brief(late), 'success');
});

test('success and failure are told by the last event, not by the exit code alone', async () => {
  const failed = await oneTurn(stub('claude', { play: recorded('claude', 'fail-529.jsonl'), exit: 0 }));
  assert.equal(brief(failed), 'transient');
  const broken = await oneTurn(stub('claude', { play: recorded('claude', 'text.jsonl'), exit: 1 }));
  assert.deepEqual(broken.outcome, {
    kind: 'transient',
    reason: `It reported success, but node ended with exit code 1 and printed nothing that says why`,
  });
  const unfinished = await oneTurn(
    stub('claude', { play: recorded('claude', 'hang-SIGINT.jsonl'), exit: 0 }),
  );
  assert.equal(brief(unfinished), 'killed');
});

test('a missing CLI is named with what to install', async () => {
  for (const cli of CLIS) {
    const command = `cw-missing-${cli}`;
    const { outcome } = await oneTurn(stub(cli, {}, { provider: { command } }));
    assert.ok(outcome.kind === 'permanent' && outcome.cause === 'missing_cli', JSON.stringify(outcome));
    assert.match(
      outcome.reason,
      new RegExp(`^${command} was not found on PATH or may not be executed\\. Install `),
    );
  }
});

test('S2-05 every raw line of both streams goes to the log, also what means nothing', async () => {
  const lines: OutputLine[] = [];
  const options = { onRawLine: (line: OutputLine) => void lines.push(line) };
  await oneTurn(stub('claude', { play: recorded('claude', 'text.jsonl'), stderr: 'debug\n' }, options));
  const raw = (await readFile(recorded('claude', 'text.jsonl'), 'utf8')).trimEnd().split('\n');
  assert.deepEqual(
    lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text),
    raw,
  );
  assert.deepEqual(
    lines.filter(({ stream }) => stream === 'stderr').map(({ text }) => text),
    ['debug'],
  );
});
