import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRepository } from '../../src/adapters/git/repository.ts';
import { makeRepo } from '../support/repo.ts';
import { attachRig, INTEGRATION, makeRig, message } from './rig.ts';

function tempDir(t: { after(fn: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'cw-dir-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('a repository is found from a subdirectory, and looking at it writes nothing', async () => {
  await using repo = await makeRepo({ files: { 'deep/er/a.txt': 'a\n' } });
  await using opened = await openRepository(join(repo.root, 'deep/er'));
  assert.equal(opened.root, repo.root);
  assert.deepEqual(opened.facts.head, { branch: 'main', commit: repo.git('rev-parse', 'HEAD') });
  assert.equal(opened.facts.objectFormat, 'sha1');
  assert.deepEqual(opened.facts.user.identity, { name: 'Ada', email: 'ada@example.com' });
  assert.equal(repo.git('status', '--porcelain', '--ignored'), '');
});

test('a detached HEAD has no branch', async () => {
  await using repo = await makeRepo();
  repo.git('checkout', '--quiet', '--detach');
  await using opened = await openRepository(repo.root);
  assert.equal(opened.facts.head.branch, undefined);
});

test('what is no usable repository is refused with the next step', async (t) => {
  const dir = tempDir(t);
  await assert.rejects(openRepository(dir), {
    name: 'UsageError',
    code: 'NOT_A_REPOSITORY',
    advice: /git init/,
  });
  await assert.rejects(openRepository(join(dir, 'nowhere')), { code: 'NOT_A_REPOSITORY' });
  await using repo = await makeRepo();
  await assert.rejects(openRepository(join(repo.root, '.git')), { code: 'NOT_A_REPOSITORY' });
  repo.git('clone', '--quiet', '--bare', '.', join(dir, 'bare'));
  await assert.rejects(openRepository(join(dir, 'bare')), { name: 'UsageError', code: 'BARE_REPOSITORY' });
  repo.git('init', '--quiet', join(dir, 'empty'));
  await assert.rejects(openRepository(join(dir, 'empty')), { name: 'UsageError', code: 'NO_COMMITS' });
});

test('git that is missing or too old is named, with the version that is needed', async (t) => {
  await using repo = await makeRepo();
  const bin = tempDir(t);
  await assert.rejects(openRepository(repo.root, { ...process.env, PATH: bin }), {
    name: 'UsageError',
    code: 'GIT_MISSING',
    advice: /2\.38/,
  });
  writeFileSync(join(bin, 'git'), '#!/bin/sh\necho git version 2.37.9\n', { mode: 0o755 });
  await assert.rejects(openRepository(repo.root, { ...process.env, PATH: `${bin}:${process.env['PATH']}` }), {
    name: 'UsageError',
    code: 'GIT_TOO_OLD',
    message: /2\.37\.9/,
    advice: /2\.38/,
  });
});

test("a task's own worktree is refused, from a subdirectory too", async () => {
  await using rig = await makeRig();
  const workspace = await rig.open('t1');
  mkdirSync(join(workspace.path, 'sub'));
  await assert.rejects(openRepository(join(workspace.path, 'sub')), { code: 'INSIDE_TASK_WORKTREE' });
});

test('the variables of a caller that runs inside git do not redirect us', async (t) => {
  await using repo = await makeRepo();
  const env = {
    ...process.env,
    GIT_DIR: tempDir(t),
    GIT_INDEX_FILE: '/nowhere',
    GIT_WORK_TREE: '/',
    GIT_CONFIG_COUNT: '1',
  };
  await using opened = await openRepository(repo.root, env);
  assert.equal(opened.root, repo.root);
  assert.equal(await opened.commit('refs/heads/main'), repo.git('rev-parse', 'main'));
});

test("the user's git status shows the settings that a team shares and nothing else of ours", async () => {
  await using rig = await makeRig();
  const exclude = join(rig.repo.root, '.git/info/exclude');
  writeFileSync(exclude, '# mine\n*.tmp');
  await rig.head();
  const written = '# mine\n*.tmp\n/.codewalk/*\n!/.codewalk/config.json\n';
  assert.equal(readFileSync(exclude, 'utf8'), written);
  await using again = await openRepository(rig.repo.root);
  await again.commit('refs/heads/main');
  assert.equal(readFileSync(exclude, 'utf8'), written);
  assert.equal(rig.repo.git('status', '--porcelain'), '');
  writeFileSync(join(rig.repo.root, '.codewalk/config.json'), '{}');
  assert.equal(rig.repo.git('status', '--porcelain', '-uall').trim(), '?? .codewalk/config.json');
});

for (const [what, init] of [
  ['SHA-256', ['--object-format=sha256']],
  ['SHA-1', []],
] as const) {
  test(`a whole task goes through a ${what} repository`, async () => {
    await using rig = await makeRig({ init });
    const base = await rig.head();
    const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
    assert.equal(head.length, what === 'SHA-256' ? 64 : 40);
    const merged = await rig.integration.merge({
      strategy: 'squash',
      onto: base,
      head,
      base,
      message: message('t1'),
    });
    assert.ok(merged.kind === 'merged');
    await rig.integration.advance(INTEGRATION, { expected: base, to: merged.commit, reason: 'merge' });
    const released = await rig.workspaces.release(workspace, { mergedInto: merged.commit, mergedHead: head });
    assert.deepEqual(released, { kind: 'removed' });
  });
}

test('a shallow clone works', async (t) => {
  await using origin = await makeRepo();
  for (const name of ['two', 'three']) {
    origin.write(`${name}.txt`, name);
    origin.commit(name);
  }
  const clone = join(tempDir(t), 'clone');
  origin.git('clone', '--quiet', '--depth=1', `file://${origin.root}`, clone);
  await using opened = await openRepository(clone);
  assert.equal(opened.facts.shallow, true);
  const { GitIntegration } = await import('../../src/adapters/git/integration.ts');
  const { GitWorkspaces } = await import('../../src/adapters/git/workspaces.ts');
  const integration = new GitIntegration(opened);
  const workspaces = new GitWorkspaces(opened, { integrationBranch: INTEGRATION });
  const base = await integration.ensureBranch(INTEGRATION, undefined);
  const workspace = await workspaces.open({ task: 't1' as never, base });
  writeFileSync(join(workspace.path, 'new.txt'), 'new\n');
  const { commit: head } = await workspaces.snapshot(workspace, message('t1'));
  const merged = await integration.merge({
    strategy: 'merge',
    onto: base,
    head,
    base,
    message: message('t1'),
  });
  assert.equal(merged.kind, 'merged');
});

test('a linked worktree of the user is a root of its own', async (t) => {
  await using repo = await makeRepo();
  const linked = join(tempDir(t), 'linked');
  repo.git('worktree', 'add', '--quiet', '-b', 'side', linked);
  await using opened = await openRepository(linked);
  assert.equal(opened.facts.head.branch, 'side');
  assert.equal(opened.facts.commonDir, join(repo.root, '.git'));
  assert.equal(await opened.commit('refs/heads/main'), repo.git('rev-parse', 'main'));
});

test('a checkout that is reached through a symbolic link is the same checkout', async (t) => {
  await using repo = await makeRepo();
  const link = join(tempDir(t), 'link');
  symlinkSync(repo.root, link);
  await using opened = await openRepository(link);
  assert.equal(opened.root, repo.root);
});

test('a file where the worktrees should be is one clear error', async () => {
  await using repo = await makeRepo();
  await using rig = await attachRig(repo);
  repo.write('.codewalk/worktrees', 'in the way');
  await assert.rejects(rig.workspaces.repair(), { code: 'OWN_DIR_UNUSABLE', message: /\.codewalk/ });
});
