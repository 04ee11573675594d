import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ShellCommandRunner } from '../../src/adapters/command-runner/run-command.ts';
import { ProcessLauncher } from '../../src/adapters/process/launcher.ts';

const PATH = process.env['PATH'] ?? '';

function tempDir(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'cw-run-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const run = (command: string, options: Partial<Parameters<ShellCommandRunner['run']>[0]> = {}) =>
  new ShellCommandRunner({
    launcher: new ProcessLauncher({ orchestrator: 'orc_test' }),
    limits: { graceMs: 200, diskBytes: 0, memoryBytes: 0, processes: 20 },
  }).run({
    command,
    cwd: tmpdir(),
    env: { PATH },
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    ...options,
  });

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie is not running; it waits for whoever has to collect it.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a command gives its exit code, its lines in order and nothing of our environment', async () => {
  const lines: string[] = [];
  process.env['CW_TEST_SECRET'] = 'secret';
  const result = await run('echo one; echo two >&2; printf three; echo "$CW_TEST_SECRET$GIVEN"; exit 3', {
    env: { PATH, GIVEN: 'given' },
    onLine: (line) => lines.push(line),
  });
  delete process.env['CW_TEST_SECRET'];
  assert.ok(result.kind === 'exited');
  assert.equal(result.code, 3);
  assert.deepEqual(lines, ['one', 'two', 'threegiven']);
  assert.equal(result.outputTail, 'one\ntwo\nthreegiven\n');
});

test('only the last 32 KiB of the output are kept', async () => {
  const result = await run('i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done');
  assert.match(result.outputTail, /^\[…\]\nline \d+\n[\s\S]*line 19999\n$/);
  assert.ok(Buffer.byteLength(result.outputTail) <= 32 * 1_024 + 10);
});

test('a command that takes too long is stopped, with everything it started, even what ignores SIGTERM', async () => {
  const command = `trap '' TERM; sh -c 'trap "" TERM; while :; do sleep 1; done' & echo $$ $!; while :; do sleep 1; done`;
  const controller = new AbortController();
  const { promise, resolve: onLine } = Promise.withResolvers<string>();
  const running = run(command, { signal: controller.signal, onLine });
  const started = (await promise).split(' ').map(Number);
  assert.equal(started.every(isRunning), true);
  controller.abort();
  const result = await running;
  assert.deepEqual([result.kind, result.kind === 'stopped' && result.reason], ['stopped', 'signal']);
  assert.deepEqual(started.filter(isRunning), []);
});

test('the time limit stops it and says so', async () => {
  const result = await run('echo begun; exec sleep 60', { timeoutMs: 100 });
  assert.deepEqual(
    [result.kind, result.kind === 'stopped' && result.reason],
    ['stopped', 'timeout'],
    JSON.stringify(result),
  );
});

test('what a command leaves in the background ends with it', async () => {
  const pids: number[] = [];
  const result = await run('sleep 600 & echo $!; exit 0', { onLine: (line) => pids.push(Number(line)) });
  assert.equal(result.kind === 'exited' && result.code, 0);
  assert.equal(pids.length, 1);
  assert.deepEqual(pids.filter(isRunning), []);
});

test('a daemon in a session of its own ends with the command that left it', async () => {
  const pids: number[] = [];
  const left = `setsid sh -c 'echo $$; exec sleep 600' & sleep 0.2`;
  await run(left, { onLine: (line) => pids.push(Number(line)) });
  assert.equal(pids.length, 1);
  assert.deepEqual(pids.filter(isRunning), []);
});

test('a command that takes too much of the machine fails, and its output ends with the limit', async () => {
  const result = await run('for i in $(seq 40); do sleep 600 & done; wait');
  assert.equal(result.kind === 'exited' && result.code, 137);
  assert.match(result.outputTail, /Stopped: it ran \d+ processes at once; limits\.processes allows 20\n$/);
});

test('a signal that came before stops it before it starts', async (t) => {
  const file = join(tempDir(t), 'ran');
  const result = await run(`touch '${file}'`, { signal: AbortSignal.abort() });
  assert.equal(result.kind, 'stopped');
  assert.equal(existsSync(file), false);
});

test('a directory that is gone is an error with the next step', async (t) => {
  await assert.rejects(run('true', { cwd: join(tempDir(t), 'gone') }), {
    code: 'COMMAND_FAILED',
    advice: /directory/,
  });
});

test('a command that kills itself is a failure', async () => {
  const result = await run('kill -KILL $$');
  assert.equal(result.kind === 'exited' && result.code, 137);
});
