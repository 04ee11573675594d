import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GitRecovery } from '../../src/adapters/git/recovery.ts';
import type { ObjectId, TaskId } from '../../src/core/ids.ts';
import { prunable } from '../../src/core/workspaces/saved-work.ts';
import type { Rig } from './rig.ts';
import { attachRig, INTEGRATION, makeRig, message } from './rig.ts';

const FILES = { 'a.txt': 'a\n', '.gitignore': 'build/\n' };
const T1 = 't1' as TaskId;

const recoveryOf = ({ repository, workspaces }: Rig) =>
  new GitRecovery(repository, { workspaces, integrationBranch: INTEGRATION });

/** Brings a commit into the integration branch as it is. */
const integrate = async (rig: Rig, to: ObjectId) =>
  rig.integration.advance(INTEGRATION, { expected: await rig.head(), to, reason: 'test' });

test('S3-62 what a restore takes away is saved, with everything that a listing needs', async () => {
  await using rig = await makeRig({ files: FILES });
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  rig.repo.write('a.txt', 'meddled\n', workspace.path);
  rig.repo.write('new/deep.txt', 'one\ntwo\n', workspace.path);
  rig.repo.write('build/out.o', 'ignored\n', workspace.path);
  await rig.workspaces.restore(workspace, head, { reason: 'discarded', attempt: 3 });

  const [saved, ...more] = await recoveryOf(rig).list({});
  assert.ok(saved);
  assert.deepEqual(more, []);
  const { task, attempt, reason, base, files, insertions, deletions, contained } = saved;
  assert.deepEqual(
    { task, attempt, reason, base, files, insertions, deletions, contained },
    {
      task: 't1',
      attempt: 3,
      reason: 'discarded',
      base: head,
      files: 2,
      insertions: 3,
      deletions: 1,
      contained: false,
    },
  );
  assert.ok(Math.abs(saved.at - Date.now()) < 3_600_000);
  assert.equal(rig.repo.git('show', `refs/codewalk/saved/cw/t1/${saved.id}:new/deep.txt`), 'one\ntwo');
  assert.match(await recoveryOf(rig).diff(saved, { maxBytes: 10_000 }), /\+meddled/);
  assert.equal(existsSync(join(workspace.path, 'new')), false);
});

test('a worktree without anything to lose writes nothing', async () => {
  await using rig = await makeRig({ files: FILES });
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  const base = await rig.head();
  rig.repo.write('build/out.o', 'ignored\n', workspace.path);
  rig.repo.git('-C', workspace.path, 'status');
  await rig.workspaces.checkout(workspace, base, { reason: 'merge' });
  await rig.workspaces.restore(workspace, head, { reason: 'verify' });
  await rig.workspaces.save(workspace, { reason: 'killed' });
  await rig.workspaces.bringIn(workspace, base);
  assert.deepEqual(await recoveryOf(rig).list({}), []);
});

test('what lies in the worktree before a merge and what the check leaves are both saved', async () => {
  await using rig = await makeRig({ files: FILES });
  const base = await rig.head();
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  rig.repo.write('b.txt', 'changed by a person\n', workspace.path);
  await rig.workspaces.checkout(workspace, base, { reason: 'merge', attempt: 1 });
  assert.equal(existsSync(join(workspace.path, 'b.txt')), false);
  rig.repo.write('report.txt', 'left by the check\n', workspace.path);
  await rig.workspaces.restore(workspace, head, { reason: 'verify', attempt: 1 });
  const saved = await recoveryOf(rig).list({ task: T1 });
  const held = Object.fromEntries(
    saved.map(({ reason, commit, base: on }) => [reason, rig.repo.git('diff', on, commit)]),
  );
  assert.deepEqual(Object.keys(held).sort(), ['merge', 'verify']);
  assert.match(held['merge'] ?? '', /\+changed by a person/);
  assert.match(held['verify'] ?? '', /\+left by the check/);
  assert.deepEqual(await recoveryOf(rig).list({ task: 'other' as TaskId }), []);
});

test('S3-62 what was saved beside a writing agent goes when the snapshot after it holds the same', async () => {
  await using rig = await makeRig({ files: FILES });
  const workspace = await rig.open('t1');
  rig.repo.write('half.txt', 'half\n', workspace.path);
  await rig.workspaces.save(workspace, { reason: 'killed', attempt: 1 });
  assert.equal((await recoveryOf(rig).list({})).length, 1);
  await rig.workspaces.snapshot(workspace, message('t1'));
  assert.deepEqual(await recoveryOf(rig).list({}), []);

  rig.repo.write('half.txt', 'more\n', workspace.path);
  await rig.workspaces.save(workspace, { reason: 'killed', attempt: 1 });
  // An agent that tidies up when it is told to stop.
  rmSync(join(workspace.path, 'half.txt'));
  await rig.workspaces.snapshot(workspace, message('t1'));
  const [saved] = await recoveryOf(rig).list({});
  assert.equal(rig.repo.git('show', `${saved?.commit}:half.txt`), 'more');
});

test('a lost worktree leaves what its agent had staged or committed elsewhere', async () => {
  await using rig = await makeRig({ files: FILES });
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  const agent = (...args: string[]) => rig.repo.git('-C', workspace.path, ...args);
  agent('checkout', '-q', '--detach');
  rig.repo.write('c.txt', 'committed\n', workspace.path);
  agent('add', 'c.txt');
  agent('commit', '-qm', 'Aside');
  rig.repo.write('d.txt', 'staged\n', workspace.path);
  agent('add', 'd.txt');
  rmSync(workspace.path, { recursive: true });
  await using next = await attachRig(rig.repo);
  await next.workspaces.repair();
  const saved = await recoveryOf(next).list({ task: T1 });
  const paths = saved.map(({ base, commit }) => next.repo.git('diff', '--name-only', base, commit));
  assert.deepEqual(paths.sort(), ['c.txt', 'd.txt']);
  assert.equal(next.repo.git('rev-parse', 'cw/t1'), head);
});

test('saved work is contained once a branch has all that it changed, whatever way it came there', async () => {
  await using rig = await makeRig({ files: { ...FILES, 'run.sh': 'x\n' } });
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  const { repo } = rig;
  repo.write('ä "quoted".txt', 'odd\n', workspace.path);
  rmSync(join(workspace.path, 'a.txt'));
  repo.git('-C', workspace.path, 'update-index', '--chmod=+x', 'run.sh');
  await rig.workspaces.restore(workspace, head, { reason: 'discarded' });
  const isContained = async () => (await recoveryOf(rig).list({}))[0]?.contained;
  assert.equal(await isContained(), false);
  repo.git('checkout', '-q', '-b', 'else', INTEGRATION);
  repo.write('ä "quoted".txt', 'odd\n');
  repo.commit('The file');
  await integrate(rig, repo.git('rev-parse', 'else') as ObjectId);
  assert.equal(await isContained(), false, 'one of its changes is still missing');
  rmSync(join(repo.root, 'a.txt'));
  repo.commit('The deletion');
  await integrate(rig, repo.git('rev-parse', 'else') as ObjectId);
  assert.equal(await isContained(), true);
});

test('saved work becomes a new branch, never one that exists', async () => {
  await using rig = await makeRig({ files: FILES });
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  rig.repo.write('lost.txt', 'lost\n', workspace.path);
  await rig.workspaces.restore(workspace, head, { reason: 'discarded' });
  const recovery = recoveryOf(rig);
  const [saved] = await recovery.list({});
  assert.ok(saved);
  await assert.rejects(recovery.toBranch(saved, { branch: 'main', dryRun: false }), {
    code: 'BRANCH_EXISTS',
  });
  await assert.rejects(recovery.toBranch(saved, { branch: 'a..b', dryRun: false }), { code: 'BRANCH_NAME' });
  await recovery.toBranch(saved, { branch: 'back', dryRun: true });
  assert.equal(rig.repo.git('branch', '--list', 'back'), '');
  await recovery.toBranch(saved, { branch: 'back', dryRun: false });
  assert.equal(rig.repo.git('show', 'back:lost.txt'), 'lost');
  assert.equal(rig.repo.git('show', 'back:b.txt'), 'b');
  assert.equal(rig.repo.git('status', '--porcelain'), '', 'the checkout is untouched');
});

for (const worktree of ['with its worktree', 'without a worktree']) {
  test(`saved work comes back into its task ${worktree}, beside what is there, and that can be undone`, async () => {
    await using rig = await makeRig({ files: FILES });
    const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
    const { repo } = rig;
    repo.write('lost.txt', 'lost\n', workspace.path);
    await rig.workspaces.restore(workspace, head, { reason: 'discarded' });
    const recovery = recoveryOf(rig);
    const [saved] = await recovery.list({});
    assert.ok(saved);
    const loose = worktree === 'with its worktree';
    if (loose) repo.write('loose.txt', 'loose\n', workspace.path);
    else rmSync(workspace.path, { recursive: true });

    assert.equal((await recovery.toTask(saved, { dryRun: true })).kind, 'restored');
    assert.equal(repo.git('rev-parse', 'cw/t1'), head, 'a dry run changes nothing');
    const result = await recovery.toTask(saved, { dryRun: false });
    assert.ok(result.kind === 'restored');
    assert.equal(repo.git('rev-parse', 'cw/t1'), result.commit);
    assert.equal(readFileSync(join(workspace.path, 'lost.txt'), 'utf8'), 'lost\n');
    const names = repo.git('ls-tree', '--name-only', 'cw/t1').split('\n');
    assert.deepEqual(names, ['.gitignore', 'a.txt', 'b.txt', ...(loose ? ['loose.txt'] : []), 'lost.txt']);
    assert.deepEqual(await rig.workspaces.snapshot(await rig.open('t1'), message('t1')), {
      kind: 'clean',
      commit: result.commit,
    });
    assert.ok(result.before);
    assert.equal(repo.git('ls-tree', '--name-only', result.before.commit).includes('lost.txt'), false);
    assert.equal(repo.git('show', `${result.before.commit}:b.txt`), 'b');
  });
}

test('saved work that conflicts with the task is refused by name and changes nothing', async () => {
  await using rig = await makeRig({ files: FILES });
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  rig.repo.write('b.txt', 'saved\n', workspace.path);
  await rig.workspaces.restore(workspace, head, { reason: 'discarded' });
  rig.repo.write('b.txt', 'other\n', workspace.path);
  const { commit } = await rig.workspaces.snapshot(workspace, message('t1'));
  const recovery = recoveryOf(rig);
  const [saved] = await recovery.list({});
  assert.ok(saved);
  assert.deepEqual(await recovery.toTask(saved, { dryRun: false }), { kind: 'conflicted', files: ['b.txt'] });
  assert.equal(rig.repo.git('rev-parse', 'cw/t1'), commit);
});

test('an id is found by a beginning that is its alone, and a slip is answered with the nearest', async () => {
  await using rig = await makeRig({ files: FILES });
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  for (const text of ['one', 'two']) {
    rig.repo.write('lost.txt', text, workspace.path);
    await rig.workspaces.restore(workspace, head, { reason: 'discarded' });
  }
  const recovery = recoveryOf(rig);
  const [first, second] = await recovery.list({});
  assert.ok(first && second);
  assert.equal((await recovery.find(first.id.slice(0, 8))).id, first.id);
  assert.equal((await recovery.find(second.id.toUpperCase())).id, second.id);
  await assert.rejects(recovery.find(''), { code: 'AMBIGUOUS_ID' });
  await assert.rejects(recovery.find('zzz'), { code: 'UNKNOWN_SAVED_WORK' });
  const slip = `${first.id.slice(0, -1)}${first.id.endsWith('0') ? '1' : '0'}`;
  await assert.rejects(recovery.find(slip), {
    code: 'UNKNOWN_SAVED_WORK',
    advice: `did you mean ${first.id}?`,
  });
});

test('saved work survives a collection by git, and only what was pruned is gone after the next', async () => {
  await using rig = await makeRig({ files: FILES });
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  for (const text of ['one', 'two']) {
    rig.repo.write('lost.txt', text, workspace.path);
    await rig.workspaces.restore(workspace, head, { reason: 'discarded' });
  }
  const collect = () => rig.repo.git('-c', 'gc.reflogExpire=now', 'gc', '--quiet', '--prune=now');
  collect();
  const recovery = recoveryOf(rig);
  const [first, second] = await recovery.list({});
  assert.ok(first && second);
  await recovery.drop([first]);
  collect();
  assert.equal(rig.repo.git('show', `${second.commit}:lost.txt`).length, 3);
  assert.throws(() => rig.repo.git('cat-file', '-e', first.commit));
  assert.deepEqual(
    (await recovery.list({})).map(({ id }) => id),
    [second.id],
  );
});

test('what a branch contains may be pruned at any age, all else only beyond the age that was named', async () => {
  const entry = { task: T1, attempt: 1, reason: 'killed', files: 1, insertions: 1, deletions: 0 } as const;
  const commit = 'a'.repeat(40) as ObjectId;
  const entries = [
    { ...entry, id: 'new', at: 10, contained: false, commit, base: commit },
    { ...entry, id: 'merged', at: 10, contained: true, commit, base: commit },
    { ...entry, id: 'old', at: 1, contained: false, commit, base: commit },
  ];
  const ids = (before: number | undefined) => prunable(entries, { before }).map(({ id }) => id);
  assert.deepEqual(ids(undefined), ['merged']);
  assert.deepEqual(ids(10), ['merged', 'old']);
});
