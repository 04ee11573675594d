import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isAlive } from '../../src/adapters/process/identity.ts';
import { processTable } from '../../src/adapters/process/process-table.ts';
import type { Confinement, Confiner } from '../../src/core/agents/ports.ts';
import { CodewalkError } from '../../src/core/errors.ts';
import { collect, firstLine, launch, nodeProgram } from './launch.ts';

const BWRAP = '/usr/bin/bwrap';
const NAMESPACES = [
  ...['--unshare-user', '--unshare-pid', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
  ...['--bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--'],
];
const works = spawnSync(BWRAP, [...NAMESPACES, '/bin/sh', '-c', ':']).status === 0;
const skip = works ? false : 'there is no bubblewrap here, or it may not make namespaces';

/** Shuts a program into a pid namespace, and lets it see everything else. */
const namespaces: Confiner = {
  async confine(program) {
    return { ...program, program: BWRAP, args: [...NAMESPACES, program.program, ...program.args] };
  },
};

const CONFINEMENT: Confinement = {
  mode: 'workspace',
  network: true,
  hidden: [],
  readable: [],
  writable: [],
  mounts: [],
  home: '/tmp',
  tmp: '/tmp',
};

const shutIn = { confiner: namespaces, confinement: CONFINEMENT };

/** Processes that have `token` among their arguments. */
function carriers(token: string): number[] {
  return readdirSync('/proc')
    .filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(token);
      } catch {
        return false;
      }
    })
    .map(Number)
    .filter((pid) => processTable().row(pid)?.zombie === false);
}

test('S3-10 a confined program hears SIGTERM, has its grace, and its exit code comes through', {
  skip,
}, async (t) => {
  const abort = new AbortController();
  const heeds = 'trap "sleep 0.2; exit 7" TERM; echo up; while :; do sleep 0.05; done';
  const running = await launch(t, ['sh', '-c', heeds], { ...shutIn, signal: abort.signal });
  assert.equal(await firstLine(running), 'up');
  abort.abort();
  assert.deepEqual(await running.exit, { kind: 'stopped', by: 'signal', code: 7 });
});

test('S3-10 a confined tree that heeds nothing is killed after the grace, with what left its session', {
  skip,
}, async (t) => {
  const abort = new AbortController();
  const token = `cw-confined-${process.pid}`;
  const stubborn = `trap "" TERM; setsid sh -c 'trap "" TERM; while :; do sleep 0.05; done' ${token} &
    env -i PATH="$PATH" setsid sh -c 'while :; do sleep 0.05; done' ${token} & 
    sleep 0.2; echo up; while :; do sleep 0.05; done`;
  const running = await launch(t, ['sh', '-c', stubborn], {
    ...shutIn,
    signal: abort.signal,
    limits: { graceMs: 300 },
  });
  assert.equal(await firstLine(running), 'up');
  assert.ok(carriers(token).length >= 2);
  abort.abort();
  const exit = await running.exit;
  assert.deepEqual(exit, { kind: 'stopped', by: 'signal', signal: 'SIGKILL' });
  assert.deepEqual(carriers(token), []);
});

test('a confined program that a signal ends is told from one that fails', { skip }, async (t) => {
  const killed = await launch(t, ['sh', '-c', 'kill -SEGV $$'], shutIn);
  await collect(killed.lines());
  assert.deepEqual(await killed.exit, { kind: 'signalled', signal: 'SIGSEGV' });
  const failed = await launch(t, ['sh', '-c', 'setsid sleep 300 & exit 3'], shutIn);
  await collect(failed.lines());
  assert.deepEqual(await failed.exit, { kind: 'exited', code: 3 });
});

test('a confined program reads its prompt, and the process that is recorded lives as long as it', {
  skip,
}, async (t) => {
  const running = await launch(t, ['sh', '-c', 'read line; echo "$line"; read line'], {
    ...shutIn,
    stdin: 'hello\n',
    keepInput: true,
  });
  const { identity } = running;
  assert.equal(await firstLine(running), 'hello');
  assert.ok(identity !== undefined && isAlive(identity));
  await running.write('end\n');
  assert.deepEqual(await running.exit, { kind: 'exited', code: 0 });
  assert.equal(isAlive(identity), false);
});

test('a file among the arguments is readable inside', async (t) => {
  let readable: readonly string[] = [];
  const confiner: Confiner = {
    async confine(program, confinement) {
      readable = confinement.readable;
      return program;
    },
  };
  const running = await launch(t, nodeProgram('console.log(process.argv[1])'), {
    confiner,
    confinement: CONFINEMENT,
    args: ['--input-type=module', '-e', 'console.log(process.argv[1])', { name: 'keys.json', content: '{}' }],
  });
  const path = await firstLine(running);
  assert.deepEqual(
    readable.map((directory) => `${directory}/keys.json`),
    [path],
  );
});

test('what cannot be shut in does not start', async (t) => {
  const refusing: Confiner = {
    confine: () =>
      Promise.reject(new CodewalkError('SANDBOX_UNAVAILABLE', 'There is no sandbox here: no bubblewrap')),
  };
  for (const confiner of [refusing, undefined]) {
    const running = await launch(t, ['sh', '-c', 'exit 0'], {
      confinement: CONFINEMENT,
      ...(confiner === undefined ? {} : { confiner }),
    });
    assert.equal(running.identity, undefined);
    const exit = await running.exit;
    assert.ok(exit.kind === 'spawn-failed');
    assert.equal(exit.code, 'SANDBOX_UNAVAILABLE');
    assert.match(exit.message, /^sh was not started: /);
  }
});
