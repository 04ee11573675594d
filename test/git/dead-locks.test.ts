import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { isRunning, markOf } from '../../src/adapters/git/process-mark.ts';
import type { ObjectId } from '../../src/core/ids.ts';
import { attachRig, INTEGRATION, makeRig, type Rig } from './rig.ts';

/** Another process of ours changes refs and is killed in the middle, with every lock that it took. */
async function killedInTransaction(
  rig: Rig,
  command: string,
  options: { known?: boolean } = {},
): Promise<void> {
  const { shadowDir, refLocks } = rig.repository;
  const env = { ...process.env, GIT_DIR: shadowDir };
  const git = spawn('git', ['update-ref', '--stdin'], {
    cwd: shadowDir,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (options.known !== false) refLocks.begins(git.pid ?? 0);
  git.stdin.write(`start\n${command}\nprepare\n`);
  let said = '';
  while (!said.includes('prepare: ok')) said += String((await once(git.stdout, 'data'))[0]);
  git.kill('SIGKILL');
  await once(git, 'close');
}

test('S2-57 a lock on a branch that a killed process of ours has left is removed, and the change is made', async () => {
  await using rig = await makeRig();
  const base = await rig.head();
  await killedInTransaction(rig, `update refs/heads/${INTEGRATION} ${base} ${base}`);
  assert.ok(existsSync(join(rig.repo.root, '.git', 'refs', 'heads', `${INTEGRATION}.lock`)));
  const to = rig.repo.commit('Next') as ObjectId;
  assert.equal(
    await rig.integration.advance(INTEGRATION, { expected: base, to, reason: 'test' }),
    'advanced',
  );
  assert.equal(await rig.head(), to);
});

for (const packed of [false, true]) {
  test(`S2-57 the same for the lock on ${packed ? 'packed refs of the repository' : 'packed refs that are not there yet'}`, async () => {
    await using rig = await makeRig();
    const base = await rig.head();
    await rig.repository.refs.change([{ ref: 'refs/heads/cw/t1', from: undefined, to: base }]);
    if (packed) rig.repo.git('pack-refs', '--all');
    rig.repository.prepare();
    await killedInTransaction(rig, `delete refs/heads/cw/t1 ${base}`);
    // Nobody tells a running orchestrator: it finds out when it needs the lock itself.
    await using other = await attachRig(rig.repo);
    await other.repository.refs.change([{ ref: 'refs/heads/cw/t1', from: base, to: undefined }]);
    assert.equal(await rig.repository.commit('refs/heads/cw/t1'), undefined);
    assert.deepEqual(locksBelow(rig.repo.root), []);
  });
}

test('S2-57 the next start removes them too, and forgets who left them', async () => {
  await using rig = await makeRig();
  const base = await rig.head();
  await killedInTransaction(rig, `update refs/heads/main ${base} ${base}`);
  await rig.workspaces.repair();
  assert.deepEqual(locksBelow(rig.repo.root), []);
  const known = readdirSync(join(rig.repository.shadowDir, 'tmp'));
  assert.equal(known.filter((name) => name.startsWith('refs-')).length, 1, 'its own');
});

test('S2-57 a lock that this process’s own git leaves when it is killed is removed too', async () => {
  await using rig = await makeRig();
  const base = await rig.head();
  const { refs, shadowDir } = rig.repository;
  await refs.change([{ ref: 'refs/heads/cw/t1', from: undefined, to: base }]);
  const [note = ''] = readdirSync(join(shadowDir, 'tmp')).filter((name) => name.startsWith('refs-'));
  const mark = note.slice('refs-'.length);
  const lock = join(rig.repo.root, '.git', 'refs', 'heads', 'cw', 't1.lock');
  writeFileSync(lock, '');
  process.kill(Number(mark.split('.')[0]), 'SIGKILL');
  while (isRunning(mark)) await setImmediate();
  // Asked while it is not known yet that it is gone, or after that: the first may be told that it died.
  await refs.change([{ ref: 'refs/heads/cw/t2', from: undefined, to: base }]).catch(() => {});
  await refs.change([{ ref: 'refs/heads/cw/t1', from: base, to: undefined }]);
  assert.deepEqual(locksBelow(rig.repo.root), []);
});

test('a lock on a ref of a task goes when nobody else of ours is at work, whoever left it', async (t) => {
  await using rig = await makeRig();
  const base = await rig.head();
  const { refs, shadowDir } = rig.repository;
  const ref = 'refs/codewalk/fences/cw/t1';
  await refs.change([{ ref, from: undefined, to: base }]);
  const lock = join(rig.repo.root, '.git', `${ref}.lock`);
  writeFileSync(lock, '');
  const other = spawn('git', ['cat-file', '--batch'], {
    cwd: shadowDir,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  t.after(() => other.kill());
  rig.repository.refLocks.begins(other.pid ?? 0);
  const takeAway = () => refs.change([{ ref, from: base, to: undefined }]);
  await assert.rejects(takeAway(), { code: 'GIT_LOCKED' });
  other.stdin.end();
  await once(other, 'exit');
  rig.repository.refLocks.ended(other.pid ?? 0, { isKilled: false });
  await takeAway();
  assert.deepEqual(locksBelow(rig.repo.root), []);
});

test('a lock that nobody of ours can have left stays, and is named', async () => {
  await using rig = await makeRig();
  const base = await rig.head();
  await killedInTransaction(rig, `update refs/heads/${INTEGRATION} ${base} ${base}`, { known: false });
  await assert.rejects(
    rig.integration.advance(INTEGRATION, {
      expected: base,
      to: rig.repo.commit('Next') as ObjectId,
      reason: 'test',
    }),
    { code: 'GIT_LOCKED' },
  );
});

test('S2-57 what a killed process had begun to write is removed at the next start', async () => {
  await using rig = await makeRig();
  await rig.work('t1', { 'a.txt': 'a\n' });
  const gone = spawn('true');
  await once(gone, 'close');
  // Its number may belong to another one soon; when it was started may not.
  const reused = `${process.pid}.1`;
  const half = join(rig.repo.root, '.git', 'worktrees', `cw-0123456789ab-${gone.pid}`);
  mkdirSync(half);
  const file = join(rig.repository.shadowDir, 'tmp', `commit-${gone.pid}-x`);
  const own = join(rig.repository.shadowDir, 'tmp', `commit-${markOf(process.pid)}-x`);
  const other = join(rig.repository.shadowDir, 'tmp', `commit-${reused}-x`);
  for (const path of [file, own, other]) writeFileSync(path, '');
  await rig.workspaces.repair();
  assert.deepEqual(
    [half, file, own, other].map((path) => existsSync(path)),
    [false, false, true, false],
  );
  assert.equal(readdirSync(join(rig.repo.root, '.git', 'worktrees')).length, 1);
});

function locksBelow(root: string): string[] {
  return ['.git', '.codewalk/git'].flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.lock'),
    ),
  );
}
