import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareAgentGit } from '../../src/adapters/git/agent-git.ts';
import type { Workspace } from '../../src/core/workspaces/ports.ts';
import { plainGit } from '../support/repo.ts';
import { makeRig, message, type Rig } from './rig.ts';

/** The task's own git, as its agent finds it when it is mounted. */
async function gitOf(rig: Rig, workspace: Workspace) {
  const directory = join(rig.repo.root, '.codewalk/state/homes/t');
  mkdirSync(directory, { recursive: true });
  const made = await prepareAgentGit(rig.repository, workspace, directory);
  const gitDir = join(directory, 'git');
  const git = (...args: string[]) =>
    plainGit(workspace.path, '--git-dir', gitDir, '--work-tree', workspace.path, ...args);
  return { ...made, gitDir, git };
}

test('an agent has a whole git: history, status, commit, stash', async () => {
  await using rig = await makeRig();
  rig.repo.git('tag', 'v1');
  const workspace = await rig.open('t');
  const { git } = await gitOf(rig, workspace);
  assert.equal(git('status', '--porcelain'), '');
  assert.equal(git('describe', '--tags'), 'v1');
  assert.equal(git('rev-parse', '--abbrev-ref', 'HEAD'), workspace.branch);
  writeFileSync(join(workspace.path, 'README.md'), 'stashed\n');
  git('stash');
  writeFileSync(join(workspace.path, 'new.txt'), 'new\n');
  git('add', '-A');
  git('commit', '-qm', 'mine');
  assert.equal(git('log', '-1', '--format=%an %s'), 'Ada mine');
  const before = rig.repo.git('for-each-ref');
  const { commit, kind } = await rig.workspaces.snapshot(workspace, message('t'));
  assert.equal(kind, 'committed');
  assert.equal(rig.repo.git('show', `${commit}:new.txt`), 'new');
  assert.notEqual(rig.repo.git('for-each-ref'), before);

  const again = await gitOf(rig, workspace);
  assert.equal(again.git('rev-parse', 'HEAD'), commit);
  assert.equal(again.git('status', '--porcelain'), '');
  again.git('stash', 'pop');
  assert.equal(readFileSync(join(workspace.path, 'README.md'), 'utf8'), 'stashed\n');
});

test('an ignored file that the agent added by force is part of its work', async () => {
  await using rig = await makeRig({ files: { '.gitignore': '*.log\n' } });
  const workspace = await rig.open('t');
  const { git, collect } = await gitOf(rig, workspace);
  writeFileSync(join(workspace.path, 'kept.log'), 'x\n');
  git('add', '--force', 'kept.log');
  await collect();
  const { commit } = await rig.workspaces.snapshot(workspace, message('t'));
  assert.equal(rig.repo.git('show', `${commit}:kept.log`), 'x');
});

test('a conflict shows in the agent’s git, and calling the merge off does not pretend to have merged', async () => {
  await using rig = await makeRig();
  const { workspace } = await rig.work('t', { 'README.md': 'mine\n' });
  rig.repo.write('README.md', 'theirs\n');
  const onto = rig.repo.commit('Theirs');
  const brought = await rig.workspaces.bringIn(workspace, onto as never);
  assert.equal(brought.kind, 'conflicted');
  const { git, collect } = await gitOf(rig, workspace);
  assert.equal(git('status', '--porcelain'), 'UU README.md');
  git('merge', '--abort');
  await collect();
  const { commit } = await rig.workspaces.snapshot(workspace, message('t'));
  assert.equal(await rig.integration.isAncestor(onto as never, commit), false);
});

test('what was planted in the git directory is gone at the next start, and no link in it is followed', async () => {
  await using rig = await makeRig();
  const workspace = await rig.open('t');
  const { gitDir, git } = await gitOf(rig, workspace);
  git('config', 'core.fsmonitor', 'touch planted');
  const elsewhere = join(rig.repo.root, 'elsewhere');
  mkdirSync(elsewhere);
  for (const name of ['refs', 'objects', 'info', 'hooks', 'logs']) {
    rmSync(join(gitDir, name), { recursive: true });
    symlinkSync(elsewhere, join(gitDir, name));
  }
  const again = await gitOf(rig, workspace);
  assert.throws(() => again.git('config', 'core.fsmonitor'));
  assert.equal(again.git('status', '--porcelain'), '');
  assert.equal(rig.repo.git('ls-files', '--others', 'elsewhere'), '');
});
