import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { markOf } from '../../src/adapters/git/process-mark.ts';
import { MARKER_FILE } from '../../src/adapters/git/worktree-marker.ts';
import type { ObjectId } from '../../src/core/ids.ts';
import type { Workspace } from '../../src/core/workspaces/ports.ts';
import type { Rig } from './rig.ts';
import { attachRig, INTEGRATION, makeRig, message } from './rig.ts';

const FILES = { 'a.txt': 'a\n', '.gitignore': 'build/\n' };

/** A task whose work is merged; what it ends with is up to the test. */
async function merged(
  rig: Rig,
  task = 't1',
): Promise<{ workspace: Workspace; head: ObjectId; commit: ObjectId }> {
  const onto = await rig.head();
  const { workspace, head } = await rig.work(task, { [`${task}.txt`]: `${task}\n` });
  const result = await rig.integration.merge({
    strategy: 'merge',
    onto,
    head,
    base: onto,
    message: message(task),
  });
  assert.ok(result.kind === 'merged');
  await rig.integration.advance(INTEGRATION, { expected: onto, to: result.commit, reason: task });
  return { workspace, head, commit: result.commit };
}

const release = (rig: Rig, { workspace, head, commit }: Awaited<ReturnType<typeof merged>>) =>
  rig.workspaces.release(workspace, { mergedInto: commit, mergedHead: head });

const places = (rig: Rig) => readdirSync(join(rig.repo.root, '.codewalk/worktrees'));

test('S2-25 work that is not merged or not committed keeps the worktree, and says what', async () => {
  const cases: [string, (rig: Rig, path: string) => void, RegExp][] = [
    ['an untracked file', (rig, path) => rig.repo.write('late.txt', 'late\n', path), /late\.txt/],
    ['a changed file', (rig, path) => rig.repo.write('a.txt', 'late\n', path), /a\.txt/],
    ['a deleted file', (_, path) => rmSync(join(path, 'a.txt')), /a\.txt/],
    [
      'a commit',
      (rig, path) => {
        rig.repo.write('late.txt', 'late\n', path);
        rig.repo.git('-C', path, 'add', '-A');
        rig.repo.git('-C', path, 'commit', '-qm', 'Late');
      },
      /not merged/,
    ],
    [
      'a commit on a detached HEAD',
      (rig, path) => {
        rig.repo.git('-C', path, 'checkout', '-q', '--detach');
        rig.repo.git('-C', path, 'commit', '-qm', 'Late', '--allow-empty');
      },
      /not merged/,
    ],
  ];
  for (const [what, late, reason] of cases) {
    await using rig = await makeRig({ files: FILES });
    const task = await merged(rig);
    late(rig, task.workspace.path);
    const result = await release(rig, task);
    assert.ok(result.kind === 'kept', what);
    assert.match(result.reason, reason, what);
    assert.equal(existsSync(task.workspace.path), true, what);
    assert.equal(rig.repo.git('rev-parse', 'cw/t1').length, 40, what);
  }
});

test('S2-25 a branch that was never merged is kept', async () => {
  await using rig = await makeRig();
  const base = await rig.head();
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  const result = await rig.workspaces.release(workspace, { mergedInto: base, mergedHead: base });
  assert.ok(result.kind === 'kept');
  assert.equal(rig.repo.git('rev-parse', 'cw/t1'), head);
});

test('a worktree of the pool holds nothing of the task before, not even ignored files or git state', async () => {
  await using rig = await makeRig({ files: FILES });
  const first = await merged(rig, 'first');
  const git = (...args: string[]) => rig.repo.git('-C', first.workspace.path, ...args);
  rig.repo.write('build/cache.o', 'built\n', first.workspace.path);
  git('init', '-q', 'build/nested');
  git('checkout', '-q', '--detach');
  git('checkout', '-q', 'cw/first');
  git('update-index', '--assume-unchanged', 'a.txt');
  git('config', 'extensions.worktreeConfig', 'true');
  git('config', '--worktree', 'core.sparseCheckout', 'true');
  assert.deepEqual(await release(rig, first), { kind: 'removed' });
  const [pooled] = places(rig);
  assert.match(pooled ?? '', /^\.pool-/);

  rig.repo.git('config', '--unset', 'extensions.worktreeConfig');
  const second = await rig.open('second');
  assert.deepEqual(places(rig), ['second'], 'it came from the pool');
  assert.deepEqual(readdirSync(second.path).sort(), ['.git', '.gitignore', 'a.txt', 'first.txt']);
  const inSecond = (...args: string[]) => rig.repo.git('-C', second.path, ...args);
  assert.equal(inSecond('status', '--porcelain', '--ignored', '--branch'), '## cw/second');
  assert.equal(inSecond('ls-files', '-v').includes('h '), false);
  assert.deepEqual(readdirSync(inSecond('rev-parse', '--absolute-git-dir')).sort(), [
    'HEAD',
    'codewalk.index',
    MARKER_FILE,
    'codewalk.pid',
    'commondir',
    'gitdir',
    'index',
  ]);
  assert.equal(second.reused, false);
});

test('the pool is bounded: one worktree more than it takes is removed', async () => {
  await using rig = await makeRig({ poolSize: 1 });
  const tasks = [await merged(rig, 't1'), await merged(rig, 't2')];
  for (const task of tasks) assert.deepEqual(await release(rig, task), { kind: 'removed' });
  assert.equal(places(rig).length, 1);
  assert.equal(rig.repo.git('worktree', 'list').split('\n').length, 2);
});

test('S2-58 a branch with commits is never reset, and a branch without follows the base', async () => {
  await using rig = await makeRig();
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  await rig.open('t2');
  const { commit } = await merged(rig, 't3');
  for (const open of ['same worktree', 'new worktree']) {
    if (open === 'new worktree') rmSync(workspace.path, { recursive: true });
    const again = await rig.open('t1');
    assert.equal(rig.repo.git('rev-parse', 'cw/t1'), head, open);
    assert.equal(again.reused, true, open);
    assert.equal(again.base, workspace.base, open);
  }
  const second = await rig.open('t2');
  assert.equal(second.base, commit);
  assert.equal(existsSync(join(second.path, 't3.txt')), true);
});

test('S3-66 uncommitted work of an attempt that was cut off is there in the next', async () => {
  await using rig = await makeRig();
  const workspace = await rig.open('t1');
  rig.repo.write('half.txt', 'half\n', workspace.path);
  await merged(rig, 't2');
  await using next = await attachRig(rig.repo);
  await next.workspaces.repair();
  const again = await next.open('t1');
  assert.equal(readFileSync(join(again.path, 'half.txt'), 'utf8'), 'half\n');
  assert.equal((await next.workspaces.snapshot(again, message('t1'))).kind, 'committed');
});

test('S2-58 what cannot become a worktree is WORKSPACE_FAILED', async () => {
  await using rig = await makeRig();
  rig.repo.git('branch', 'cw/t1');
  rig.repo.git('checkout', '-q', 'cw/t1');
  await assert.rejects(rig.open('t1'), { code: 'WORKSPACE_FAILED', message: /checked out/ });
  rig.repo.git('branch', 'cw/t2/in-the-way');
  await assert.rejects(rig.open('t2'), { code: 'WORKSPACE_FAILED' });
  const missing = '0123456789'.repeat(4) as ObjectId;
  await assert.rejects(rig.workspaces.open({ task: 't3' as never, base: missing }), {
    code: 'WORKSPACE_FAILED',
  });
  rmSync(join(rig.repo.root, '.codewalk/worktrees'), { recursive: true });
  writeFileSync(join(rig.repo.root, '.codewalk/worktrees'), 'a file');
  await assert.rejects(rig.open('t4'), { code: 'WORKSPACE_FAILED' });
});

test('a directory that a crash left half-made is finished, and one that is not ours is moved aside', async () => {
  await using rig = await makeRig();
  const worktrees = join(rig.repo.root, '.codewalk/worktrees');
  await rig.head();
  mkdirSync(join(worktrees, 'empty'), { recursive: true });
  rig.repo.write('precious.txt', 'p\n', join(worktrees, 'foreign'));
  writeFileSync(join(worktrees, 'file'), 'f\n');
  for (const task of ['empty', 'foreign', 'file']) {
    const workspace = await rig.open(task);
    assert.equal(existsSync(join(workspace.path, 'README.md')), true, task);
    assert.equal(workspace.reused, false, task);
  }
  const kept = places(rig)
    .filter((name) => name.startsWith('.kept-'))
    .sort();
  assert.equal(kept.length, 2);
  assert.equal(readFileSync(join(worktrees, kept[1] as string, 'precious.txt'), 'utf8'), 'p\n');
});

/** Changes what stands in the marker of a worktree, as a crash would have left it. */
function setState(workspace: Workspace, rig: Rig, state: string, by?: string): void {
  const path = join(rig.repo.git('-C', workspace.path, 'rev-parse', '--absolute-git-dir'), MARKER_FILE);
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), state, by }));
}

test('a release that goes on in another process is left to it, and ended when that process is gone', async (t) => {
  await using rig = await makeRig({ files: FILES });
  const task = await merged(rig, 'busy');
  const other = spawn('sleep', ['600'], { stdio: 'ignore' });
  t.after(() => other.kill('SIGKILL'));
  await once(other, 'spawn');
  setState(task.workspace, rig, 'releasing', markOf(other.pid ?? 0));
  await using next = await attachRig(rig.repo);
  assert.deepEqual(await next.workspaces.repair(), []);
  assert.ok(existsSync(task.workspace.path));
  const gone = once(other, 'exit');
  other.kill('SIGKILL');
  await gone;
  assert.match((await next.workspaces.repair()).join('\n'), /Ended the worktree of busy/);
});

test('a directory that another process is just giving to the pool keeps its name, and is put in order when that process is gone', async (t) => {
  await using rig = await makeRig({ files: FILES });
  const task = await merged(rig, 'renamed');
  const other = spawn('sleep', ['600'], { stdio: 'ignore' });
  t.after(() => other.kill('SIGKILL'));
  await once(other, 'spawn');
  const path = join(rig.repo.git('-C', task.workspace.path, 'rev-parse', '--absolute-git-dir'), MARKER_FILE);
  const written = { ...JSON.parse(readFileSync(path, 'utf8')), place: 'pool-abcd', state: 'pooled' };
  const text = JSON.stringify({ ...written, branch: undefined, by: markOf(other.pid ?? 0) });
  writeFileSync(path, text);
  await using next = await attachRig(rig.repo);
  await next.workspaces.repair();
  assert.equal(readFileSync(path, 'utf8'), text);
  const gone = once(other, 'exit');
  other.kill('SIGKILL');
  await gone;
  await next.workspaces.repair();
  assert.notEqual(existsSync(path) ? readFileSync(path, 'utf8') : '', text);
});

test('a crash while a worktree is opened, verified or released is put in order', async () => {
  await using rig = await makeRig({ files: FILES });
  const opening = await rig.open('opening');
  setState(opening, rig, 'opening');
  rmSync(join(opening.path, 'a.txt'));
  await using next = await attachRig(rig.repo);
  assert.equal(existsSync(join((await next.open('opening')).path, 'a.txt')), true);

  const verified = await rig.work('verified', { 'v.txt': 'v\n' });
  const { commit } = await merged(rig, 'other');
  await rig.workspaces.checkout(verified.workspace, commit, { reason: 'merge' });
  rig.repo.write('left.txt', 'left by the verify\n', verified.workspace.path);
  const again = await next.open('verified');
  assert.deepEqual(await next.workspaces.snapshot(again, message('verified')), {
    kind: 'clean',
    commit: verified.head,
  });
  assert.deepEqual(readdirSync(again.path).sort(), ['.git', '.gitignore', 'a.txt', 'v.txt']);

  const task = await merged(rig, 'releasing');
  rig.repo.git('-C', task.workspace.path, 'checkout', '-q', '--detach');
  rig.repo.git('update-ref', '-d', 'refs/heads/cw/releasing');
  setState(task.workspace, rig, 'releasing');
  assert.match((await next.workspaces.repair()).join('\n'), /releasing/);
  assert.equal(existsSync(task.workspace.path), false);
});

test('S3-36 repair removes what is known to be abandoned and nothing else', async () => {
  await using rig = await makeRig({ files: FILES });
  const kept = await rig.work('kept', { 'k.txt': 'k\n' });
  const gone = await rig.work('gone', { 'g.txt': 'g\n' });
  const foreign = join(rig.repo.root, '.git/foreign');
  rig.repo.git('worktree', 'add', '-q', '--detach', foreign);
  rmSync(gone.workspace.path, { recursive: true });
  mkdirSync(join(rig.repo.root, '.codewalk/worktrees/.pool-broken'));
  const task = await merged(rig, 'pooled');
  await release(rig, task);
  const [pooled] = places(rig).filter((name) => name.startsWith('.pool-') && name !== '.pool-broken');
  // Renamed by a task that was taking it when the crash came.
  renameSync(
    join(rig.repo.root, '.codewalk/worktrees', pooled as string),
    join(rig.repo.root, '.codewalk/worktrees/taken'),
  );
  await using next = await attachRig(rig.repo);
  assert.match((await next.workspaces.repair()).join('\n'), /gone.*cw\/gone stays/);
  assert.deepEqual(places(next).sort(), ['kept', 'taken']);
  assert.equal((await next.open('taken')).reused, false);
  assert.equal(rig.repo.git('rev-parse', 'cw/gone'), gone.head);
  assert.equal(rig.repo.git('rev-parse', 'cw/kept'), kept.head);
  assert.equal(existsSync(foreign), true);
  assert.deepEqual(await next.workspaces.repair(), []);
});

test('a lock that a killed git left on our index is removed', async () => {
  await using rig = await makeRig();
  const workspace = await rig.open('t1');
  const gitDir = rig.repo.git('-C', workspace.path, 'rev-parse', '--absolute-git-dir');
  writeFileSync(join(gitDir, 'codewalk.index.lock'), '');
  rig.repo.write('b.txt', 'b\n', workspace.path);
  assert.equal((await rig.workspaces.snapshot(workspace, message('t1'))).kind, 'committed');
});

test('a read-only role that changed something leaves no trace, and its commits stay reachable', async () => {
  await using rig = await makeRig({ files: FILES });
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  rig.repo.write('a.txt', 'meddled\n', workspace.path);
  rig.repo.git('-C', workspace.path, 'commit', '-qam', 'Meddled');
  const meddled = rig.repo.git('rev-parse', 'cw/t1');
  rig.repo.write('untracked.txt', 'u\n', workspace.path);
  rig.repo.write('build/out.o', 'ignored\n', workspace.path);
  await rig.workspaces.restore(workspace, head, { reason: 'verify' });
  assert.deepEqual(readdirSync(workspace.path).sort(), ['.git', '.gitignore', 'a.txt', 'b.txt', 'build']);
  assert.deepEqual(await rig.workspaces.snapshot(workspace, message('t1')), { kind: 'clean', commit: head });
  const saved = rig.repo.git('for-each-ref', '--format=%(refname)', 'refs/codewalk/saved');
  assert.equal(rig.repo.git('rev-parse', `${saved}^`), meddled);
  assert.equal(rig.repo.git('show', `${saved}:untracked.txt`), 'u');
});
