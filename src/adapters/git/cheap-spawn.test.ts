import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { cheapSpawn } from './cheap-spawn.ts';

const SHELL = { program: '/bin/sh', cwd: '/', env: { PATH: '/usr/bin:/bin', GREETING: 'hello' } };

async function run(script: string, input = '', more: Partial<typeof SHELL> = {}) {
  const child = cheapSpawn({ ...SHELL, args: ['-c', script], ...more });
  if (process.platform !== 'linux') return assert.equal(child, undefined);
  assert.ok(child);
  child.stdin.on('error', () => {}).end(input);
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), child.closed]);
  return { out, err, code };
}

test('a cheaply spawned program has its arguments, input, environment and directory, and nothing else', async () => {
  const said = await run('cat; echo "$GREETING $HOME"; pwd; echo bad >&2; exit 7', 'in\n', { cwd: tmpdir() });
  if (said === undefined) return;
  assert.deepEqual(said, { out: `in\nhello \n${tmpdir()}\n`, err: 'bad\n', code: 7 });
  // The streams, whatever this process itself was started with, and a session of its own.
  const files = 'ls /proc/self/fd | wc -l';
  const usual = spawnSync('/bin/sh', ['-c', files], { encoding: 'utf8' }).stdout.trim();
  const own = await run(`${files}; cut -d " " -f 6 /proc/$$/stat; echo $$`);
  const [open, session, pid] = (own?.out ?? '').trim().split('\n');
  assert.deepEqual([open, session], [usual, pid]);
});

test('a cheaply spawned program that is killed has no exit code, and signals do what they do by default', async () => {
  const killed = await run('kill -PIPE $$; echo outlived');
  if (killed === undefined) return;
  assert.deepEqual([killed.out, killed.code], ['', null]);
  const closedFirst = await run('exec >&- 2>&-; sleep 0.05; exit 3');
  assert.equal(closedFirst?.code, 3);
});

test('what cannot be spawned cheaply is left to the usual way', () => {
  assert.equal(cheapSpawn({ ...SHELL, program: '/nowhere/git', args: [] }), undefined);
  assert.equal(cheapSpawn({ ...SHELL, cwd: '/nowhere', args: [] }), undefined);
});
