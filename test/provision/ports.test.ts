import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PortBlocks } from '../../src/adapters/provision/ports.ts';
import type { ProcessIdentity } from '../../src/core/agents/ports.ts';

/** A place of its own among the ports, so that files of this suite do not meet. */
const FROM = 44_000;

const identity = (pid: number): ProcessIdentity => ({
  pid,
  startTime: String(pid * 10),
  bootId: 'boot/pid:[1]',
});

function makeMachine(t: TestContext) {
  const directory = join(mkdtempSync(join(tmpdir(), 'cw-ports-')), 'ports');
  t.after(() => rmSync(join(directory, '..'), { recursive: true, force: true }));
  const dead = new Set<number>();
  const orchestrator = (pid: number, { from = FROM, perTask = 3 } = {}) =>
    new PortBlocks({
      directory,
      from,
      perTask,
      self: identity(pid),
      isAlive: ({ pid: each }) => !dead.has(each),
    });
  return { directory, dead, orchestrator };
}

async function listen(t: TestContext, port: number, host: string): Promise<void> {
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, resolve);
  });
}

test('no two holders of one machine get the same port, whatever their blocks look like', async (t) => {
  const { orchestrator, directory } = makeMachine(t);
  const machines = [
    orchestrator(1),
    orchestrator(2, { from: FROM + 1, perTask: 5 }),
    orchestrator(3, { perTask: 2 }),
  ];
  const blocks = await Promise.all(machines.flatMap((each) => [each.take(), each.take(), each.take()]));
  const ports = blocks.flatMap(({ from, count }) =>
    Array.from({ length: count }, (_, index) => from + index),
  );
  assert.equal(new Set(ports).size, ports.length);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  for (const block of blocks) block[Symbol.dispose]();
  assert.deepEqual(readdirSync(directory), []);
});

test('a block is free for others when it is given back', async (t) => {
  const { orchestrator } = makeMachine(t);
  const first = await orchestrator(1).take();
  const second = await orchestrator(2).take();
  assert.notEqual(second.from, first.from);
  first[Symbol.dispose]();
  assert.equal((await orchestrator(3).take()).from, first.from);
});

test('the ports of a dead process are given to others', async (t) => {
  const { orchestrator, dead, directory } = makeMachine(t);
  const { from } = await orchestrator(1).take();
  dead.add(1);
  assert.equal((await orchestrator(2).take()).from, from);
  assert.equal(readdirSync(directory).length, 1);
});

test('a block with a port that somebody listens on is passed over', async (t) => {
  const { orchestrator } = makeMachine(t);
  const from = FROM + 300;
  await listen(t, from + 1, '127.0.0.1');
  await listen(t, from + 5, '0.0.0.0');
  assert.equal((await orchestrator(1, { from }).take()).from, from + 6);
});

test('when no block is left it says so', async (t) => {
  const { orchestrator } = makeMachine(t);
  const few = orchestrator(1, { from: 65_530, perTask: 3 });
  const blocks = [await few.take(), await few.take()];
  assert.deepEqual(
    blocks.map(({ from }) => from),
    [65_530, 65_533],
  );
  await assert.rejects(few.take(), { code: 'NO_PORTS' });
});
