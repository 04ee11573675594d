import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { identityOf, isAlive, ownIdentity } from '../../src/adapters/process/identity.ts';
import { processTable } from '../../src/adapters/process/process-table.ts';
import { collect, firstLine, launch, nodeProgram, PATH_ENV } from './launch.ts';

test('a program gets its prompt on standard input, which is closed, and its exit code is reported', async (t) => {
  const running = await launch(t, ['sh', '-c', 'cat; echo warned >&2; exit 3'], { stdin: 'hello\nyou' });
  const lines = await collect(running.lines());
  assert.deepEqual(
    lines.filter((line) => line.stream === 'stdout').map((line) => line.text),
    ['hello', 'you'],
  );
  assert.ok(lines.some((line) => line.stream === 'stderr' && line.text === 'warned'));
  assert.deepEqual(await running.exit, { kind: 'exited', code: 3 });
});

test('an input that is kept open takes more while the program answers, and nothing once it is gone', async (t) => {
  const running = await launch(
    t,
    ['sh', '-c', 'read first; echo "got $first"; read second; echo "got $second"; exec 0<&-; exit 4'],
    { stdin: 'one\n', keepInput: true },
  );
  assert.equal(await firstLine(running), 'got one');
  await running.write('two\n');
  assert.equal(await firstLine(running), 'got two');
  assert.deepEqual(await running.exit, { kind: 'exited', code: 4 });
  await running.write('x'.repeat(4_000_000));
});

test('a write waits until the program reads, or is stopped', async (t) => {
  const control = new AbortController();
  const running = await launch(t, ['sh', '-c', 'echo up; exec sleep 300'], {
    keepInput: true,
    signal: control.signal,
  });
  assert.equal(await firstLine(running), 'up');
  let written = false;
  const write = running.write('x'.repeat(4_000_000)).then(() => {
    written = true;
  });
  await new Promise(setImmediate);
  assert.equal(written, false);
  control.abort();
  await write;
});

test('the identity is known before the prompt is sent and names this very process', async (t) => {
  const running = await launch(t, ['sh', '-c', 'read line; echo "$$ $line"'], { stdin: 'now\n' });
  const { identity } = running;
  assert.ok(identity !== undefined && isAlive(identity));
  assert.equal(await firstLine(running), `${identity.pid} now`);
  await running.exit;
  assert.equal(isAlive(identity), false);
});

test('nothing of a program runs before its lines are asked for, nor when they never are', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'cw-launch-'));
  t.after(() => rm(dir, { recursive: true }));
  const argv = ['sh', '-c', 'echo ran > "$1"; echo told', 'sh', join(dir, 'ran')];
  const abandoned = await launch(t, argv);
  await abandoned[Symbol.asyncDispose]();
  assert.equal(existsSync(join(dir, 'ran')), false);
  const running = await launch(t, argv);
  assert.equal(existsSync(join(dir, 'ran')), false);
  assert.equal(await firstLine(running), 'told');
  assert.equal(existsSync(join(dir, 'ran')), true);
});

test('S3-10 a program whose starter dies before it reads never runs', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'cw-launch-'));
  t.after(() => rm(dir, { recursive: true }));
  const launcher = JSON.stringify(import.meta.resolve('../../src/adapters/process/launcher.ts'));
  const rig = JSON.stringify(import.meta.resolve('./launch.ts'));
  const starter = nodeProgram(`
    import { ProcessLauncher } from ${launcher};
    import { ROOMY, PATH_ENV } from ${rig};
    const running = await new ProcessLauncher({ orchestrator: 'orc_gone' }).start({
      command: 'touch', args: ['ran'], cwd: ${JSON.stringify(dir)}, env: PATH_ENV, limits: ROOMY,
      signal: new AbortController().signal,
    });
    console.log(running.identity.pid);
    setInterval(() => {}, 1000);`);
  const starting = spawn(starter[0] ?? '', starter.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => starting.kill('SIGKILL'));
  const [said] = await once(starting.stdout, 'data');
  const started = identityOf(Number(said));
  assert.ok(started !== undefined && isAlive(started));
  starting.kill('SIGKILL');
  while (isAlive(started)) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(existsSync(join(dir, 'ran')), false);
});

test('a process with the same pid and another start time or boot is a stranger', () => {
  const own = ownIdentity();
  assert.ok(isAlive(own));
  assert.deepEqual(identityOf(process.pid), own);
  assert.equal(isAlive({ ...own, startTime: '1' }), false);
  assert.equal(isAlive({ ...own, bootId: 'another-boot/pid:[1]' }), false);
  assert.equal(isAlive({ ...own, bootId: `${own.bootId.split('/')[0]}/pid:[1]` }), true);
});

test('S3-12 a program that cannot start ends as spawn-failed and names what is wrong', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'cw-launch-'));
  t.after(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, 'plain.txt'), 'no program');
  await writeFile(join(dir, 'lost'), '#!/nowhere/interpreter\n', { mode: 0o755 });
  const cases = [
    { argv: ['cw-no-such-program'], code: 'ENOENT', names: /cw-no-such-program was not found on PATH/ },
    {
      argv: [join(dir, 'plain.txt')],
      code: 'ENOENT',
      names: /plain\.txt was not found on PATH or may not be executed/,
    },
    {
      argv: [join(dir, 'lost')],
      code: 'ENOENT',
      names: /lost could not be started .* interpreter is missing/,
    },
    { argv: ['sh'], cwd: join(dir, 'gone'), code: 'ENOTDIR', names: /working directory .*gone/ },
    { argv: ['sh'], cwd: join(dir, 'plain.txt'), code: 'ENOTDIR', names: /plain\.txt is not a directory/ },
    {
      argv: ['sh', '-c', 'x'.repeat(4_000_000)],
      code: 'E2BIG',
      names: /arguments and environment are too large/,
    },
  ];
  for (const { argv, code, names, ...options } of cases) {
    const running = await launch(t, argv, options);
    assert.equal(running.identity, undefined);
    assert.deepEqual(await collect(running.lines()), []);
    const exit = await running.exit;
    assert.ok(exit.kind === 'spawn-failed', JSON.stringify(exit));
    assert.equal(exit.code, code);
    assert.match(exit.message, names);
  }
});

test('S3-09 a flood on both streams at once ends, and every byte arrives', async (t) => {
  const source = `
    import { writeSync } from 'node:fs';
    const out = Buffer.from('o'.repeat(1023) + '\\n'), err = Buffer.from('e'.repeat(1023) + '\\n');
    for (let n = 0; n < 20_000; n++) { writeSync(1, out); writeSync(2, err); }`;
  const running = await launch(t, nodeProgram(source));
  const count = { stdout: 0, stderr: 0 };
  for await (const line of running.lines()) count[line.stream] += line.text.length + 1;
  assert.deepEqual(count, { stdout: 20_480_000, stderr: 20_480_000 });
  assert.deepEqual(await running.exit, { kind: 'exited', code: 0 });
});

test('a prompt larger than the pipe that nobody reads does no harm', async (t) => {
  const running = await launch(t, ['sh', '-c', 'exec 0<&-; echo done'], { stdin: 'x'.repeat(4_000_000) });
  assert.deepEqual(
    (await collect(running.lines())).map((line) => line.text),
    ['done'],
  );
  assert.deepEqual(await running.exit, { kind: 'exited', code: 0 });
});

test('output goes on after a slow reader made the program wait, and its silence is not counted', async (t) => {
  const source = `
    import { writeSync } from 'node:fs';
    const line = Buffer.from('x'.repeat(4095) + '\\n');
    for (let n = 0; n < 2_000; n++) writeSync(1, line);`;
  const running = await launch(t, nodeProgram(source), { limits: { silenceMs: 400 } });
  let lines = 0;
  for await (const _ of running.lines()) {
    lines += 1;
    // Not a synchronisation: the pause must be longer than the limit.
    if (lines === 10) await new Promise((resolve) => setTimeout(resolve, 900));
  }
  assert.equal(lines, 2_000);
  assert.deepEqual(await running.exit, { kind: 'exited', code: 0 });
});

test('a reader that leaves early does not block the program', async (t) => {
  const running = await launch(t, [
    'sh',
    '-c',
    'i=0; while [ $i -lt 60000 ]; do echo "line $i of many"; i=$((i+1)); done',
  ]);
  for await (const _ of running.lines()) break;
  assert.deepEqual(await running.exit, { kind: 'exited', code: 0 });
});

for (const [limit, program, limits] of [
  ['firstOutputMs', 'sleep 60', { firstOutputMs: 200 }],
  ['silenceMs', 'echo one; sleep 60', { silenceMs: 200 }],
  ['totalMs', 'while :; do echo tick; sleep 0.05; done', { totalMs: 400 }],
  ['outputBytes', 'yes', { outputBytes: 100_000 }],
] as const) {
  test(`the limit ${limit} stops a program and is named`, async (t) => {
    const running = await launch(t, ['sh', '-c', program], { limits });
    await collect(running.lines());
    const exit = await running.exit;
    assert.ok(exit.kind === 'stopped', JSON.stringify(exit));
    assert.equal(exit.by, limit);
  });
}

test('a time limit of 0 is off', async (t) => {
  const running = await launch(t, ['sh', '-c', 'sleep 0.3; echo late'], {
    limits: { firstOutputMs: 0, silenceMs: 0, totalMs: 0 },
  });
  assert.equal(await firstLine(running), 'late');
  assert.deepEqual(await running.exit, { kind: 'exited', code: 0 });
});

test('a signal from elsewhere is told from a stop of ours', async (t) => {
  const running = await launch(t, ['sh', '-c', 'kill -9 $$']);
  await collect(running.lines());
  assert.deepEqual(await running.exit, { kind: 'signalled', signal: 'SIGKILL' });
});

test('nothing is started when the stop came first', async (t) => {
  const running = await launch(t, ['sh', '-c', 'exit 0'], { signal: AbortSignal.abort() });
  assert.deepEqual(await running.exit, { kind: 'stopped', by: 'signal' });
  assert.equal(running.identity, undefined);
});

test('the environment is the given one, and the PATH in it finds the program', async (t) => {
  const running = await launch(t, ['env'], { env: { ...PATH_ENV, ONLY: 'this' }, orchestrator: 'orc_me' });
  const names = (await collect(running.lines())).map((line) => line.text.split('=')[0]).sort();
  // The shell that holds it back until it may run tells it where it is.
  const given = names.filter((name) => !['PWD', 'SHLVL', '_'].includes(name ?? ''));
  assert.deepEqual(given, ['CW_LAUNCH', 'CW_ORCHESTRATOR', 'ONLY', 'PATH']);
  const without = await launch(t, ['env'], { env: { PATH: '/nowhere' } });
  assert.equal((await without.exit).kind, 'spawn-failed');
});

test('S3-11 fifteen calls one after the other leave no zombie', async (t) => {
  for (let call = 0; call < 15; call++) {
    const running = await launch(t, ['sh', '-c', 'sleep 0 & echo $$']);
    await collect(running.lines());
    assert.deepEqual(await running.exit, { kind: 'exited', code: 0 });
  }
  const zombies = processTable()
    .rows()
    .filter((row) => row.ppid === process.pid && row.zombie);
  assert.deepEqual(zombies, []);
});

test('an argument can be a file, private and gone with the process', async (t) => {
  const running = await launch(t, ['sh'], {
    args: [
      ...['-c', 'cat "$1"; echo; "$2" and; ls -l "$1" "$2" | cut -c1-10; echo "$1"', 'sh'],
      { name: 'key.json', content: '{"a":1}' },
      { name: 'tool', content: '#!/bin/sh\necho tool $1\n', executable: true },
    ],
  });
  const lines = (await collect(running.lines())).map((line) => line.text);
  assert.deepEqual(lines.slice(0, 4), ['{"a":1}', 'tool and', '-rw-------', '-rwx------']);
  assert.deepEqual(await running.exit, { kind: 'exited', code: 0 });
  assert.equal(existsSync(lines[4] as string), false);
});

test('what is to be done before a stop is done while the program still knows nothing of it', async (t) => {
  const control = new AbortController();
  const heard: string[] = [];
  const running = await launch(
    t,
    nodeProgram(
      "process.on('SIGTERM', () => { console.log('told'); process.exit(0); }); setInterval(() => {}, 9e4); console.log('up');",
    ),
    {
      signal: control.signal,
      beforeStop: async () => {
        await new Promise(setImmediate);
        heard.push('before');
      },
    },
  );
  for await (const { text } of running.lines()) {
    heard.push(text);
    if (text === 'up') control.abort();
  }
  assert.deepEqual(heard, ['up', 'before', 'told']);
});

test('a program that floods is stopped without waiting for anything', async (t) => {
  let asked = false;
  const running = await launch(t, ['sh', '-c', 'yes'], {
    limits: { outputBytes: 1_000 },
    beforeStop: async () => {
      asked = true;
    },
  });
  await collect(running.lines());
  const exit = await running.exit;
  assert.ok(exit.kind === 'stopped' && exit.by === 'outputBytes');
  assert.equal(asked, false);
});
