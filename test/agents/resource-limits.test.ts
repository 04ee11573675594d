import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { diskUse } from '../../src/adapters/process/disk-use.ts';
import { processTable } from '../../src/adapters/process/process-table.ts';
import { sharedOnce } from '../../src/adapters/process/use-rows.ts';
import { limitReason } from '../../src/core/agents/limit-reason.ts';
import type { AgentProcess, ProcessExit } from '../../src/core/agents/ports.ts';
import { collect, launch, nodeProgram } from './launch.ts';

const MiB = 1_048_576;
const ON_LINUX = process.platform === 'linux' ? false : 'read from /proc';

function directory(t: TestContext): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'cw-limits-')));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function stoppedBy(
  running: AgentProcess,
  limit: string,
): Promise<Extract<ProcessExit, { allowed: number }>> {
  await collect(running.lines());
  const exit = await running.exit;
  assert.ok(exit.kind === 'stopped' && exit.by !== 'signal', JSON.stringify(exit));
  assert.equal(exit.by, limit);
  assert.ok(exit.measured > exit.allowed);
  assert.match(limitReason(exit), new RegExp(`limits\\.${limit} allows`));
  return exit;
}

function leftOf(marker: string): readonly number[] {
  const table = processTable();
  return [...table.variable('CW_LIMITS_TEST')].flatMap(([pid, value]) =>
    value === marker && table.row(pid)?.zombie === false ? [pid] : [],
  );
}

test('a tree with more processes than its limit is killed at once, also in other sessions', async (t) => {
  // Ignores every polite signal: a tree that was asked first would end by the grace period and not by a kill.
  const bomb = `trap '' TERM; i=0
    while [ $i -lt 60 ]; do setsid sleep 300 & i=$((i+1)); done
    wait`;
  const running = await launch(t, ['sh', '-c', bomb], {
    limits: { processes: 40, graceMs: 60_000 },
    env: { PATH: process.env.PATH ?? '', CW_LIMITS_TEST: 'processes' },
  });
  const { allowed } = await stoppedBy(running, 'processes');
  assert.equal(allowed, 40);
  assert.deepEqual(leftOf('processes'), []);
});

test('a tree that takes more memory than its limit is killed at once', async (t) => {
  const greedy = nodeProgram(`
    const kept = [];
    process.on('SIGTERM', () => {});
    setInterval(() => { if (kept.length < 40) kept.push(Buffer.alloc(${8 * MiB}, 1)); }, 20);`);
  const running = await launch(t, greedy, { limits: { memoryBytes: 160 * MiB, graceMs: 60_000 } });
  await stoppedBy(running, 'memoryBytes');
});

test('a tree that writes more than its limit is killed at once, also into a file without a name', async (t) => {
  const cwd = directory(t);
  // Several files: none of them grows beyond the limit alone.
  const writer = (name: string) => `
    import { openSync, rmSync, writeSync } from 'node:fs';
    const fds = Array.from({ length: 8 }, (_, at) => {
      const path = ${JSON.stringify(name)} + at;
      const fd = openSync(path, 'w');
      if (path.startsWith('nameless')) rmSync(path);
      return fd;
    });
    const chunk = Buffer.alloc(${MiB}, 1);
    process.on('SIGTERM', () => {});
    let written = 0;
    setInterval(() => { if (written < 64) writeSync(fds[written++ % 8], chunk); }, 5);`;
  for (const name of process.platform === 'linux' ? ['named', 'nameless'] : ['named']) {
    const running = await launch(t, nodeProgram(writer(name)), {
      cwd,
      limits: { diskBytes: 16 * MiB, processes: 100, graceMs: 60_000 },
    });
    await stoppedBy(running, 'diskBytes');
  }
});

test('a writer that is faster than the watch gets no file beyond its limit, and the limit is named', async (t) => {
  const fast = `
    import { writeFileSync } from 'node:fs';
    try { writeFileSync('big', Buffer.alloc(${64 * MiB}, 1)); } catch (error) { console.log(error.code); process.exit(3); }`;
  const running = await launch(t, nodeProgram(fast), {
    cwd: directory(t),
    limits: { diskBytes: 16 * MiB },
  });
  const { measured } = await stoppedBy(running, 'diskBytes');
  assert.ok(measured < 17 * MiB, `${measured}`);
});

test('what a tree may take is not cut by what others take', async (t) => {
  const greedy = await launch(t, ['sh', '-c', 'for i in 1 2 3 4 5 6; do sleep 300 & done; wait'], {
    limits: { processes: 4 },
  });
  const modest = await launch(t, ['sh', '-c', 'read line; echo $line'], {
    stdin: 'fine\n',
    limits: { processes: 4 },
  });
  await stoppedBy(greedy, 'processes');
  assert.deepEqual(
    (await collect(modest.lines())).map(({ text }) => text),
    ['fine'],
  );
  assert.deepEqual(await modest.exit, { kind: 'exited', code: 0 });
});

test('disk use counts blocks, a file with two names once, and only what changed', async (t) => {
  const root = directory(t);
  mkdirSync(join(root, 'a/b'), { recursive: true });
  const write = (path: string, size: number) => writeFileSync(join(root, path), Buffer.alloc(size, 1));
  write('a/b/one', MiB);
  linkSync(join(root, 'a/b/one'), join(root, 'two'));
  write('sparse', 0);
  truncateSync(join(root, 'sparse'), 10_000 * MiB);
  const ask = { roots: [root, join(root, 'missing')], pids: [], signal: new AbortController().signal };
  const bytes = await diskUse({ ...ask, sinceNs: 0n });
  assert.ok(bytes >= MiB && bytes < 1.5 * MiB, `${bytes}`);
  assert.equal(await diskUse({ ...ask, sinceNs: BigInt(Date.now() + 60_000) * 1_000_000n }), 0);
});

test('memory that processes share counts once', { skip: ON_LINUX }, async () => {
  const resident = process.memoryUsage.rss();
  const bytes = await sharedOnce([process.pid], () => Number.NaN);
  assert.ok(bytes > 0 && bytes <= resident * 1.1, `${bytes} of ${resident}`);
  assert.equal(await sharedOnce([2 ** 22 + 1], () => 7), 7);
});
