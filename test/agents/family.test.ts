import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityOf, isAlive } from '../../src/adapters/process/identity.ts';
import { native } from '../../src/adapters/process/native.ts';
import { collect, launch, nodeProgram } from './launch.ts';

const calls = native();
const skip = typeof calls === 'string' ? calls : false;
const from = (path: string): string =>
  JSON.stringify(import.meta.resolve(`../../src/adapters/process/${path}`));

/** One that ignores every polite signal, one that left without a trace in its environment, one that comes back. */
const STUBBORN = `
  sh -c 'trap "" TERM INT HUP; echo $$; while :; do sleep 1; done' &
  env -i PATH="$PATH" setsid sh -c 'sh -c "echo \\$\\$; exec sleep 300" & exit 0' &
  setsid sh -c 'echo $$; while :; do sleep 300 & wait; done' &
  wait`;

test('S3-10 a program that adopts orphans can kill all that it started, also what left without a trace', {
  skip,
}, async (t) => {
  const running = await launch(
    t,
    nodeProgram(`
      import { spawn } from 'node:child_process';
      import { adoptOrphans, killNow } from ${from('descendants.ts')};
      if (adoptOrphans() !== undefined) process.exit(9);
      const child = spawn('sh', ['-c', ${JSON.stringify(STUBBORN)}], { detached: true });
      let said = '';
      child.stdout.on('data', (chunk) => {
        process.stdout.write(chunk);
        said += chunk;
        if (said.trim().split('\\n').length < 3) return;
        process.stdin.once('data', () => process.exit(killNow() ? 7 : 8));
        process.stdout.write('all\\n');
      });`),
    { keepInput: true },
  );
  const lines = running.lines()[Symbol.asyncIterator]();
  const started = [];
  for (let next = await lines.next(); next.value?.text !== 'all'; next = await lines.next()) {
    started.push(identityOf(Number(next.value?.text)));
  }
  assert.equal(started.filter((each) => each !== undefined && isAlive(each)).length, 3);
  await running.write('go\n');
  assert.deepEqual(await running.exit, { kind: 'exited', code: 7 });
  assert.deepEqual(
    started.filter((each) => each !== undefined && isAlive(each)),
    [],
  );
});

test('S3-11 adopted children that end leave no zombie, and the ends of its own children reach Node', {
  skip,
}, async (t) => {
  const running = await launch(
    t,
    nodeProgram(`
      import { execFileSync, spawn } from 'node:child_process';
      import { once } from 'node:events';
      import { setInterval } from 'node:timers/promises';
      import { adoptOrphans, descendants } from ${from('descendants.ts')};
      adoptOrphans();
      const codes = [];
      for (let round = 0; round < 20; round++) {
        const child = spawn('sh', ['-c', 'for i in 1 2 3 4 5; do (sleep 0.01 &) ; done; exit ' + round]);
        codes.push((await once(child, 'exit'))[0]);
      }
      for await (const _ of setInterval(20)) if (descendants().length === 0) break;
      console.log(codes.join());`),
  );
  const lines = await collect(running.lines());
  assert.deepEqual(
    lines.map(({ text }) => text),
    [Array.from({ length: 20 }, (_, index) => index).join()],
  );
});

test('S3-10 without adoption, the ledger knows who lost their parents, and nobody else', async (t) => {
  // Started under the same orchestrator, but no child of the one that kills.
  const beside = await launch(t, ['sleep', '300']);
  beside.lines();
  const running = await launch(
    t,
    nodeProgram(`
      import { spawn } from 'node:child_process';
      import { setInterval } from 'node:timers/promises';
      import { killNow } from ${from('descendants.ts')};
      import { Ledger } from ${from('ledger.ts')};
      const ledger = new Ledger();
      const child = spawn('sh', ['-c', 'setsid sh -c "sleep 300 & sleep 300 & wait" & sleep 300 & wait'], { detached: true });
      for await (const _ of setInterval(5)) if (ledger.members().length === 5) break;
      const before = ledger.members().map((row) => row.pid);
      // From here on the others have lost their parents.
      child.kill('SIGKILL');
      const left = before.filter((pid) => pid !== child.pid);
      const killed = killNow(() => ledger.members());
      console.log(JSON.stringify({ killed, left }));
      process.exit(0);`),
  );
  const lines = await collect(running.lines());
  const { killed, left } = JSON.parse(lines[0]?.text ?? '{}');
  assert.equal(killed, true);
  assert.equal(left.length, 4);
  assert.deepEqual(
    left.filter((pid: number) => identityOf(pid) !== undefined && isAlive(identityOf(pid) as never)),
    [],
  );
  assert.equal(beside.identity !== undefined && isAlive(beside.identity), true);
});
