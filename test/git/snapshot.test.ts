import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Workspace } from '../../src/core/workspaces/ports.ts';
import { plainGit } from '../support/repo.ts';
import type { Rig } from './rig.ts';
import { makeRig, message } from './rig.ts';

async function started(
  files: Readonly<Record<string, string>> = { 'a.txt': 'a\n', '.gitignore': '*.log\n' },
): Promise<Rig & { workspace: Workspace; agent: (...args: string[]) => string }> {
  const rig = await makeRig({ files });
  const workspace = await rig.open('t1');
  return { ...rig, workspace, agent: (...args) => plainGit(workspace.path, ...args) };
}

/** What the branch holds: path and first line of each file. */
function content(rig: Rig, ref = 'cw/t1'): Record<string, string> {
  const paths = rig.repo
    .git('ls-tree', '-r', '--name-only', '-z', ref)
    .split('\0')
    .filter((path) => path !== '');
  return Object.fromEntries(paths.map((path) => [path, rig.repo.git('show', `${ref}:${path}`)]));
}

test('S3-66 changed, new, deleted and staged files become one commit; ignored ones do not', async () => {
  await using rig = await started({ 'a.txt': 'a\n', 'gone.txt': 'gone\n', '.gitignore': '*.log\n' });
  const { repo, workspace } = rig;
  repo.write('a.txt', 'changed\n', workspace.path);
  repo.write('deep/new file\nwith a line.txt', 'new\n', workspace.path);
  repo.write('-dash.txt', 'dash\n', workspace.path);
  repo.write('build.log', 'ignored\n', workspace.path);
  unlinkSync(join(workspace.path, 'gone.txt'));
  symlinkSync('a.txt', join(workspace.path, 'link'));
  const result = await rig.workspaces.snapshot(workspace, message('t1', 'Do it\nall'));
  assert.deepEqual(result, { kind: 'committed', commit: repo.git('rev-parse', 'cw/t1'), files: 5 });
  assert.deepEqual(content(rig), {
    '-dash.txt': 'dash',
    '.gitignore': '*.log',
    'a.txt': 'changed',
    'deep/new file\nwith a line.txt': 'new',
    link: 'a.txt',
  });
  assert.equal(repo.git('log', '-1', '--format=%an <%ae>|%s', 'cw/t1'), 'Ada <ada@example.com>|Do it all');
  assert.equal(
    repo.git('log', '-1', '--format=%(trailers:only,unfold)', 'cw/t1').trim(),
    'Codewalk-Task: t1\nCodewalk-Attempt: 1',
  );
  assert.equal(rig.agent('status', '--porcelain'), '', "the agent's own git sees a clean worktree");
});

test('a snapshot of nothing is clean and makes no commit', async () => {
  await using rig = await started();
  const before = rig.repo.git('rev-parse', 'cw/t1');
  assert.deepEqual(await rig.workspaces.snapshot(rig.workspace, message('t1')), {
    kind: 'clean',
    commit: before,
  });
});

test("an agent's own commits are taken, with what it left uncommitted on top", async () => {
  await using rig = await started();
  rig.repo.write('one.txt', '1\n', rig.workspace.path);
  rig.agent('add', '-A');
  rig.agent('commit', '-qm', 'Mine');
  const mine = rig.agent('rev-parse', 'HEAD');
  rig.repo.write('two.txt', '2\n', rig.workspace.path);
  const result = await rig.workspaces.snapshot(rig.workspace, message('t1'));
  assert.equal(result.kind === 'committed' && result.files, 2);
  assert.equal(rig.repo.git('log', '-1', '--format=%P', 'cw/t1'), mine);
});

test('commits alone count as a snapshot', async () => {
  await using rig = await started();
  rig.repo.write('one.txt', '1\n', rig.workspace.path);
  rig.agent('add', '-A');
  rig.agent('commit', '-qm', 'Mine');
  const mine = rig.agent('rev-parse', 'HEAD');
  const result = await rig.workspaces.snapshot(rig.workspace, message('t1'));
  assert.deepEqual(result, { kind: 'committed', commit: mine, files: 1 });
});

test('work on a detached HEAD or on a branch of the agent comes to the branch of the task', async () => {
  for (const leave of [
    ['checkout', '-q', '--detach'],
    ['checkout', '-q', '-b', 'mine'],
  ]) {
    await using rig = await started();
    rig.repo.write('first.txt', '1\n', rig.workspace.path);
    const { commit: first } = await rig.workspaces.snapshot(rig.workspace, message('t1'));
    rig.agent(...leave);
    rig.repo.write('one.txt', '1\n', rig.workspace.path);
    rig.agent('add', '-A');
    rig.agent('commit', '-qm', 'Mine');
    rig.repo.write('two.txt', '2\n', rig.workspace.path);
    await rig.workspaces.snapshot(rig.workspace, message('t1'));
    assert.deepEqual(Object.keys(content(rig)), ['.gitignore', 'a.txt', 'first.txt', 'one.txt', 'two.txt']);
    assert.equal(rig.repo.git('merge-base', first, 'cw/t1'), first);
    assert.equal(rig.agent('symbolic-ref', 'HEAD'), 'refs/heads/cw/t1');
    assert.equal(rig.agent('status', '--porcelain'), '');
  }
});

test('an agent that rewrote its history gets its version, and the earlier one stays reachable', async () => {
  await using rig = await started();
  rig.repo.write('one.txt', 'first\n', rig.workspace.path);
  const { commit: first } = await rig.workspaces.snapshot(rig.workspace, message('t1'));
  rig.repo.write('one.txt', 'amended\n', rig.workspace.path);
  rig.agent('commit', '-qa', '--amend', '-m', 'Amended');
  await rig.workspaces.snapshot(rig.workspace, message('t1'));
  assert.equal(content(rig)['one.txt'], 'amended');
  assert.equal(rig.repo.git('log', '-1', '--format=%s', 'cw/t1'), 'Amended');
  const saved = rig.repo.git('for-each-ref', '--format=%(refname)', 'refs/codewalk/saved');
  assert.equal(rig.repo.git('rev-parse', `${saved}^`), first);
});

test('an agent that only looked at another commit loses nothing', async () => {
  await using rig = await started();
  rig.repo.write('one.txt', '1\n', rig.workspace.path);
  const { commit } = await rig.workspaces.snapshot(rig.workspace, message('t1'));
  rig.agent('checkout', '-q', '--detach', 'HEAD~1');
  assert.deepEqual(await rig.workspaces.snapshot(rig.workspace, message('t1')), { kind: 'clean', commit });
  assert.equal(existsSync(join(rig.workspace.path, 'one.txt')), true);
});

test('edits on another commit are carried over, without the commits that are there', async () => {
  await using rig = await started();
  rig.repo.write('one.txt', '1\n', rig.workspace.path);
  await rig.workspaces.snapshot(rig.workspace, message('t1'));
  rig.repo.write('foreign.txt', 'of the user\n');
  rig.repo.git('checkout', '-q', '-b', 'users');
  rig.repo.commit('Of the user');
  rig.agent('checkout', '-q', '--detach', 'users');
  rig.repo.write('two.txt', '2\n', rig.workspace.path);
  await rig.workspaces.snapshot(rig.workspace, message('t1'));
  assert.deepEqual(Object.keys(content(rig)), ['.gitignore', 'a.txt', 'one.txt', 'two.txt']);
  assert.equal(readFileSync(join(rig.workspace.path, 'two.txt'), 'utf8'), '2\n');
  assert.equal(rig.agent('status', '--porcelain'), '');
});

test('commits made elsewhere are merged with the work so far; when they conflict both stay in the history', async () => {
  for (const [file, expected] of [
    ['two.txt', { 'one.txt': 'first', 'two.txt': 'elsewhere' }],
    ['one.txt', { 'one.txt': 'elsewhere' }],
  ] as const) {
    await using rig = await started({ 'a.txt': 'a\n' });
    const base = rig.agent('rev-parse', 'HEAD');
    rig.repo.write('one.txt', 'first\n', rig.workspace.path);
    const { commit: first } = await rig.workspaces.snapshot(rig.workspace, message('t1'));
    rig.agent('checkout', '-q', '-b', 'elsewhere', base);
    rig.repo.write(file, 'elsewhere\n', rig.workspace.path);
    rig.agent('add', '-A');
    rig.agent('commit', '-qm', 'Elsewhere');
    const elsewhere = rig.agent('rev-parse', 'HEAD');
    await rig.workspaces.snapshot(rig.workspace, message('t1'));
    assert.deepEqual(content(rig), { 'a.txt': 'a', ...expected });
    assert.equal(rig.repo.git('log', '-1', '--format=%P', 'cw/t1'), `${first} ${elsewhere}`);
  }
});

test('S2-58 a branch that the agent deleted or a HEAD that leads nowhere costs no commit', async () => {
  for (const damage of [
    (agent: (...args: string[]) => string) => {
      agent('checkout', '-q', '--detach');
      agent('branch', '-q', '-D', 'cw/t1');
    },
    (agent: (...args: string[]) => string) => agent('checkout', '-q', '--orphan', 'fresh'),
    (agent: (...args: string[]) => string) => agent('symbolic-ref', 'HEAD', 'refs/heads/nowhere'),
  ]) {
    await using rig = await started();
    rig.repo.write('one.txt', '1\n', rig.workspace.path);
    const { commit: first } = await rig.workspaces.snapshot(rig.workspace, message('t1'));
    damage(rig.agent);
    rig.repo.write('two.txt', '2\n', rig.workspace.path);
    await rig.workspaces.snapshot(rig.workspace, message('t1'));
    assert.deepEqual(Object.keys(content(rig)), ['.gitignore', 'a.txt', 'one.txt', 'two.txt']);
    assert.equal(rig.repo.git('log', '-1', '--format=%P', 'cw/t1'), first);
  }
});

for (const [what, withEmpty] of [
  ['with a commit', false],
  ['with and without a commit', true],
] as const) {
  test(`repositories ${what} inside the worktree become ordinary files, and keep working for the agent`, async () => {
    await using rig = await started();
    const { workspace, repo } = rig;
    const inApp = (...args: string[]) => plainGit(join(workspace.path, 'app'), ...args);
    rig.agent('init', '-q', 'app');
    repo.write('app/src/main.txt', 'm\n', workspace.path);
    inApp('add', '-A');
    inApp('-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '-qm', 'Generated');
    const files: Record<string, string> = { '.gitignore': '*.log', 'a.txt': 'a', 'app/src/main.txt': 'm' };
    if (withEmpty) {
      rig.agent('init', '-q', 'empty');
      repo.write('empty/file.txt', 'e\n', workspace.path);
      rig.agent('init', '-q', 'app/inner');
      repo.write('app/inner/deep.txt', 'd\n', workspace.path);
      Object.assign(files, { 'app/inner/deep.txt': 'd', 'empty/file.txt': 'e' });
    }

    await rig.workspaces.snapshot(workspace, message('t1'));
    assert.deepEqual(content(rig), files);
    assert.equal(inApp('log', '-1', '--format=%s'), 'Generated');
    repo.write('app/src/more.txt', 'more\n', workspace.path);
    await rig.workspaces.snapshot(workspace, message('t1'));
    assert.deepEqual(content(rig), { ...files, 'app/src/more.txt': 'more' });
  });
}

test('a submodule stays a submodule', async () => {
  await using rig = await started();
  const { workspace, repo } = rig;
  rig.agent('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo.root, 'sub');
  await rig.workspaces.snapshot(workspace, message('t1'));
  assert.match(repo.git('ls-tree', 'cw/t1', 'sub'), /^160000 commit/);
});

test('what the agent staged counts: a forced add of an ignored file, a file taken out of git', async () => {
  await using rig = await started({ 'a.txt': 'a\n', 'secret.env': 's\n', '.gitignore': '*.log\n' });
  const { workspace, repo } = rig;
  repo.write('keep.log', 'kept\n', workspace.path);
  rig.agent('add', '-f', 'keep.log');
  repo.write('.gitignore', '*.log\n*.env\n', workspace.path);
  rig.agent('rm', '-q', '--cached', 'secret.env');
  await rig.workspaces.snapshot(workspace, message('t1'));
  assert.deepEqual(Object.keys(content(rig)), ['.gitignore', 'a.txt', 'keep.log']);
  assert.equal(existsSync(join(workspace.path, 'secret.env')), true);
});

test("flags, locks and damage in the agent's index hide nothing", async () => {
  await using rig = await started({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
  const { workspace, repo } = rig;
  const index = rig.agent('rev-parse', '--path-format=absolute', '--git-path', 'index');
  rig.agent('update-index', '--assume-unchanged', 'a.txt');
  rig.agent('update-index', '--skip-worktree', 'b.txt');
  repo.write('a.txt', 'changed\n', workspace.path);
  repo.write('b.txt', 'changed\n', workspace.path);
  writeFileSync(`${index}.lock`, '');
  await rig.workspaces.snapshot(workspace, message('t1'));
  assert.deepEqual(content(rig), { 'a.txt': 'changed', 'b.txt': 'changed' });
  assert.equal(existsSync(`${index}.lock`), false);
  writeFileSync(index, 'damaged');
  repo.write('a.txt', 'again\n', workspace.path);
  await rig.workspaces.snapshot(workspace, message('t1'));
  assert.equal(content(rig)['a.txt'], 'again');
  assert.equal(rig.agent('status', '--porcelain'), '');
});

test('an agent that deletes or replaces .git does not send its work elsewhere', async () => {
  for (const spoil of [
    (path: string) => rmSync(join(path, '.git')),
    (path: string) => {
      rmSync(join(path, '.git'));
      execFileSync('git', ['init', '-q', path]);
    },
    (path: string) => writeFileSync(join(path, '.git'), 'gitdir: /nowhere\n'),
  ]) {
    await using rig = await started();
    spoil(rig.workspace.path);
    rig.repo.write('b.txt', 'b\n', rig.workspace.path);
    await rig.workspaces.snapshot(rig.workspace, message('t1'));
    assert.deepEqual(Object.keys(content(rig)), ['.gitignore', 'a.txt', 'b.txt']);
    assert.equal(rig.agent('rev-parse', '--abbrev-ref', 'HEAD'), 'cw/t1');
  }
});

test('S2-58 a worktree whose git directory was pruned is taken up again with the work in it', async () => {
  await using rig = await started();
  rig.repo.write('one.txt', '1\n', rig.workspace.path);
  await rig.workspaces.snapshot(rig.workspace, message('t1'));
  rig.repo.write('forced.log', 'ignored, but tracked\n', rig.workspace.path);
  rig.agent('add', '-f', 'forced.log');
  await rig.workspaces.snapshot(rig.workspace, message('t1'));
  rmSync(rig.agent('rev-parse', '--absolute-git-dir'), { recursive: true });
  rig.repo.write('two.txt', '2\n', rig.workspace.path);
  const again = await rig.open('t1');
  assert.equal(again.reused, true);
  await rig.workspaces.snapshot(again, message('t1'));
  assert.deepEqual(Object.keys(content(rig)), ['.gitignore', 'a.txt', 'forced.log', 'one.txt', 'two.txt']);
});

test('a worktree that was deleted is WORKSPACE_LOST, and its commits come back with the next one', async () => {
  await using rig = await started();
  rig.repo.write('one.txt', '1\n', rig.workspace.path);
  await rig.workspaces.snapshot(rig.workspace, message('t1'));
  rmSync(rig.workspace.path, { recursive: true });
  await assert.rejects(rig.workspaces.snapshot(rig.workspace, message('t1')), { code: 'WORKSPACE_LOST' });
  await assert.rejects(rig.workspaces.bringIn(rig.workspace, rig.workspace.base), { code: 'WORKSPACE_LOST' });
  const again = await rig.open('t1');
  assert.equal(again.reused, true);
  assert.equal(readFileSync(join(again.path, 'one.txt'), 'utf8'), '1\n');
});

test('a large file goes in whole', async () => {
  await using rig = await started();
  const bytes = Buffer.alloc(40 * 1_048_576, 'x');
  writeFileSync(join(rig.workspace.path, 'large.bin'), bytes);
  await rig.workspaces.snapshot(rig.workspace, message('t1'));
  assert.equal(rig.repo.git('cat-file', '-s', 'cw/t1:large.bin'), String(bytes.length));
});

test('S3-62 locks that the git of a killed agent left hold up neither the snapshot nor the next agent', async () => {
  await using rig = await started();
  const { repo, workspace, agent } = rig;
  repo.write('b.txt', 'b\n', workspace.path);
  const gitDir = agent('rev-parse', '--absolute-git-dir');
  const locks = [
    join(gitDir, 'HEAD.lock'),
    join(gitDir, 'index.lock'),
    join(repo.root, '.git/refs/heads/cw/t1.lock'),
  ];
  for (const lock of locks) writeFileSync(lock, '');
  assert.throws(() => agent('commit', '--allow-empty', '-qm', 'Held up'));
  assert.equal((await rig.workspaces.snapshot(workspace, message('t1'))).kind, 'committed');
  assert.deepEqual(locks.filter(existsSync), []);
  agent('commit', '--allow-empty', '-qm', 'Goes on');
});
