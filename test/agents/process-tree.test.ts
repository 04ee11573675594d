import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeStaleFiles } from '../../src/adapters/process/argument-files.ts';
import { identityOf, isAlive, ownIdentity } from '../../src/adapters/process/identity.ts';
import { processTable } from '../../src/adapters/process/process-table.ts';
import { sweep } from '../../src/adapters/process/sweep.ts';
import type { AgentProcess, ProcessIdentity } from '../../src/core/agents/ports.ts';
import { collect, launch, nodeProgram, PATH_ENV } from './launch.ts';

/** Reads `count` lines that each hold a pid, and what names those processes. */
async function pids(running: AgentProcess, count: number): Promise<ProcessIdentity[]> {
  const found: ProcessIdentity[] = [];
  const lines = running.lines()[Symbol.asyncIterator]();
  while (found.length < count) {
    const next = await lines.next();
    assert.ok(next.done !== true, `the program named ${found.length} of ${count} processes`);
    const identity = identityOf(Number(next.value.text));
    assert.ok(identity !== undefined, `no process ${next.value.text}`);
    found.push(identity);
  }
  return found;
}

function living(identities: readonly ProcessIdentity[]): number {
  return identities.filter(isAlive).length;
}

/** A grandchild in its own session, one that lost its parents too, and one that ignores every polite signal. */
const ADVERSARY = `
  setsid sh -c 'echo $$; exec sleep 300' &
  setsid sh -c 'sh -c "echo \\$\\$; exec sleep 300" & exit 0'
  sh -c 'trap "" TERM INT HUP; echo $$; while :; do sleep 1; done' &
  env -i PATH="$PATH" setsid sh -c 'echo $$; exec sleep 300' &
  trap "" TERM
  echo $$
  while :; do sleep 1; done`;

test('S3-10 a stop ends the whole tree: other sessions, lost parents, cleared environments, ignored signals', async (t) => {
  const abort = new AbortController();
  const running = await launch(t, ['sh', '-c', ADVERSARY], {
    signal: abort.signal,
    limits: { graceMs: 200 },
  });
  const tree = await pids(running, 5);
  assert.equal(living(tree), 5);
  abort.abort();
  const exit = await running.exit;
  assert.deepEqual(exit, { kind: 'stopped', by: 'signal', signal: 'SIGKILL' });
  assert.equal(living(tree), 0);
});

test('a program that heeds SIGTERM is not killed', async (t) => {
  const abort = new AbortController();
  const running = await launch(t, ['sh', '-c', 'trap "exit 7" TERM; echo $$; while :; do sleep 0.05; done'], {
    signal: abort.signal,
  });
  await pids(running, 1);
  abort.abort();
  assert.deepEqual(await running.exit, { kind: 'stopped', by: 'signal', code: 7 });
});

test('disposing stops the tree and returns when it is gone', async (t) => {
  const running = await launch(t, ['sh', '-c', 'setsid sleep 300 & echo $!; echo $$; wait']);
  const tree = await pids(running, 2);
  await running[Symbol.asyncDispose]();
  assert.equal(living(tree), 0);
});

test('S2-28 what a program leaves behind ends with it, also in another session', async (t) => {
  const program = 'sleep 300 & echo $!; setsid sh -c "echo \\$\\$; exec sleep 300" & read line; exit 4';
  const running = await launch(t, ['sh', '-c', program], { stdin: '\n' });
  const exit = collect(running.lines());
  assert.deepEqual(await running.exit, { kind: 'exited', code: 4 });
  const left = (await exit).map((line) => processTable().row(Number(line.text)));
  assert.deepEqual(
    left.filter((row) => row !== undefined && !row.zombie),
    [],
  );
});

test('a process that got away and holds the output open does not hold up the end', async (t) => {
  // Cleared environment, own session, parent gone before anyone looked: only the output pipe is left of it.
  const program =
    'env -i PATH="$PATH" setsid sh -c "sh -c \'echo \\$\\$; exec sleep 300\' & sleep 0.1"; exit 0';
  const running = await launch(t, ['sh', '-c', program]);
  const [escaped] = await collect(running.lines());
  assert.deepEqual(await running.exit, { kind: 'exited', code: 0 });
  const row = processTable().row(Number(escaped?.text));
  if (row !== undefined && !row.zombie) process.kill(row.pid, 'SIGKILL');
});

test('a sweep ends the recorded processes of a dead orchestrator with all they started', async (t) => {
  const running = await launch(t, ['sh', '-c', ADVERSARY], { orchestrator: 'orc_gone' });
  const tree = await pids(running, 5);
  const leader = running.identity;
  assert.ok(leader !== undefined);
  const killed = await sweep({ identities: [leader], isDead: (id) => id === 'orc_gone' });
  assert.equal(living(tree), 0);
  for (const { pid } of tree) assert.ok(killed.includes(pid), `${pid} was not reported`);
});

test('a sweep spares a stranger with a reused pid and what belongs to a living orchestrator', async (t) => {
  const stranger = spawn('sleep', ['300'], { env: PATH_ENV });
  t.after(() => stranger.kill('SIGKILL'));
  await once(stranger, 'spawn');
  const real = identityOf(stranger.pid as number);
  assert.ok(real !== undefined);
  const other = await launch(t, ['sleep', '300'], { orchestrator: 'orc_alive' });
  const reused = { ...real, startTime: String(Number(real.startTime) - 1) };
  const rebooted = { ...real, bootId: 'an-earlier-boot' };
  const killed = await sweep({
    identities: [reused, rebooted, ownIdentity()],
    isDead: (id) => id === 'orc_sweep_test',
  });
  assert.deepEqual(killed, []);
  assert.ok(isAlive(real));
  assert.ok(other.identity !== undefined && isAlive(other.identity));
});

test('argument files of a process that died are removed, those of living and unknown ones stay', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'cw-stale-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const files = [{ name: 'own', content: '' }];
  const source = `
    import { writeFiles } from ${JSON.stringify(import.meta.resolve('../../src/adapters/process/argument-files.ts'))};
    console.log((await writeFiles(${JSON.stringify(files)})).directory);
    process.stdin.once('data', () => process.exit(0));`;
  const env = { ...PATH_ENV, TMPDIR: directory };
  const owner = await launch(t, nodeProgram(source), { env, keepInput: true });
  const lines = owner.lines()[Symbol.asyncIterator]();
  const made = (await lines.next()).value?.text;
  mkdirSync(join(directory, 'cw-args-abcdef01-1-abcdef012345-other'));
  assert.equal(await removeStaleFiles(directory), 0);
  await owner.write('end\n');
  await owner.exit;
  assert.equal(await removeStaleFiles(directory), 1);
  assert.equal(existsSync(made), false);
  assert.deepEqual(readdirSync(directory), ['cw-args-abcdef01-1-abcdef012345-other']);
});

test('S3-09 200 MB of output and one line of 100 MB are read in bounded memory', async (t) => {
  const flood = (source: string) => JSON.stringify(nodeProgram(source));
  const source = `
    import { ProcessLauncher } from ${JSON.stringify(import.meta.resolve('../../src/adapters/process/launcher.ts'))};
    import { ROOMY, PATH_ENV } from ${JSON.stringify(import.meta.resolve('./launch.ts'))};
    const launcher = new ProcessLauncher({ orchestrator: 'orc_test' });
    const { signal } = new AbortController();
    async function read([command, ...args]) {
      const running = await launcher.start({ command, args, cwd: '/', env: PATH_ENV, limits: ROOMY, signal });
      let characters = 0, lines = 0, cut = 0;
      for await (const line of running.lines()) {
        characters += line.text.length; lines += 1; cut += line.truncated ? 1 : 0;
      }
      return { characters, lines, cut, exit: await running.exit };
    }
    const before = process.memoryUsage.rss();
    let peak = before;
    const watch = setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()); }, 5);
    const many = await read(${flood(`
      import { writeSync } from 'node:fs';
      const chunk = Buffer.from(('m'.repeat(199) + '\\n').repeat(1_000));
      for (let n = 0; n < 1_000; n++) for (let at = 0; at < chunk.length; ) at += writeSync(1, chunk, at);`)});
    const one = await read(${flood(`
      import { writeSync } from 'node:fs';
      const chunk = Buffer.from('x'.repeat(1_000_000));
      for (let n = 0; n < 100; n++) for (let at = 0; at < chunk.length; ) at += writeSync(1, chunk, at);`)});
    clearInterval(watch);
    console.log(JSON.stringify({ many, one, riseMb: (peak - before) / 1e6 }));`;
  const running = await launch(t, nodeProgram(source));
  const lines = await collect(running.lines());
  const last = lines.findLast((line) => line.stream === 'stdout')?.text ?? '';
  assert.match(last, /^\{/, lines.map((line) => line.text).join('\n'));
  const { many, one, riseMb } = JSON.parse(last);
  assert.deepEqual(many, {
    characters: 199_000_000,
    lines: 1_000_000,
    cut: 0,
    exit: { kind: 'exited', code: 0 },
  });
  assert.deepEqual(one, { characters: 1_048_576, lines: 1, cut: 1, exit: { kind: 'exited', code: 0 } });
  t.diagnostic(`memory rose by ${riseMb} MB`);
  assert.ok(riseMb < 64, `memory rose by ${riseMb} MB`);
});
