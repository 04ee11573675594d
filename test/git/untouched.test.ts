import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import type { Rig } from './rig.ts';
import { INTEGRATION, makeRig, message } from './rig.ts';

/**
 * What we may write inside the user's repository: our own directory, new objects, git directories of our worktrees,
 * our refs with their reflogs, and the line that hides `.codewalk`. The empty directory `worktrees` stays.
 */
const OURS =
  /^(\.codewalk|\.git\/(objects|worktrees|refs\/codewalk|refs\/heads\/cw|logs\/refs\/heads\/cw)|\.git\/info\/exclude)(\/|$)/;

/** Every other file, link and directory of the checkout and of `.git`, with a hash of what is in it. */
function fingerprint(root: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (directory: string) => {
    for (const name of readdirSync(directory).sort()) {
      const path = join(directory, name);
      const key = relative(root, path);
      if (OURS.test(key)) continue;
      const stat = lstatSync(path);
      if (stat.isDirectory()) {
        found[key] = `directory ${stat.mode}`;
        visit(path);
      } else if (stat.isSymbolicLink()) found[key] = `link ${readlinkSync(path)}`;
      else
        found[key] =
          `${stat.mode} ${stat.mtimeMs} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
    }
  };
  visit(root);
  return found;
}

/** A checkout in the middle of somebody's day: staged, unstaged, untracked and ignored changes, and a stash. */
async function busyRig(): Promise<Rig> {
  const rig = await makeRig({
    files: { 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n', '.gitignore': '*.log\n' },
  });
  const { repo } = rig;
  repo.write('a.txt', 'stashed\n');
  repo.git('stash', '--quiet');
  repo.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
  repo.git('branch', 'other');
  repo.git('tag', 'v1');
  repo.git('pack-refs', '--all');
  repo.write('a.txt', 'staged\n');
  repo.git('add', 'a.txt');
  repo.write('b.txt', 'unstaged\n');
  repo.write('untracked.txt', 'untracked\n');
  repo.write('debug.log', 'ignored\n');
  return rig;
}

test('S3-70 a whole cycle leaves the checkout, index, stash, hooks, config, HEAD, branches and reflogs as they were', async () => {
  await using rig = await busyRig();
  const { repo, workspaces, integration } = rig;
  const status = repo.git('status', '--porcelain=v2', '--branch');
  const before = fingerprint(repo.root);
  assert.ok(
    ['.git/index', '.git/logs/refs/stash', '.git/packed-refs', 'b.txt'].every((path) => path in before),
  );

  let onto = await rig.head();
  for (const task of ['t1', 't2', 't3']) {
    const workspace = await rig.open(task);
    repo.write('c.txt', `${task}\n`, workspace.path);
    repo.write(`${task}.txt`, 'new\n', workspace.path);
    await workspaces.snapshot(workspace, message(task));
    await workspaces.bringIn(workspace, onto);
    const { commit: head } = await workspaces.snapshot(workspace, message(task));
    const merged = await integration.merge({
      strategy: 'merge',
      onto,
      head,
      base: onto,
      message: message(task),
    });
    assert.ok(merged.kind === 'merged');
    await workspaces.checkout(workspace, merged.commit, { reason: 'merge' });
    repo.write('coverage/out.txt', 'left by the verify\n', workspace.path);
    await workspaces.restore(workspace, head, { reason: 'verify' });
    assert.equal(
      await integration.advance(INTEGRATION, { expected: onto, to: merged.commit, reason: task }),
      'advanced',
    );
    assert.deepEqual(await workspaces.release(workspace, { mergedInto: merged.commit, mergedHead: head }), {
      kind: 'removed',
    });
    onto = merged.commit;
  }
  await workspaces.repair();

  assert.deepEqual(fingerprint(repo.root), before);
  assert.equal(repo.git('status', '--porcelain=v2', '--branch'), status);
  assert.equal(repo.git('show', `${INTEGRATION}:c.txt`), 't3');
});

test('the fingerprint sees a change of any kind', async () => {
  await using rig = await busyRig();
  const { repo } = rig;
  const changes: Record<string, () => void> = {
    'a file': () => repo.write('b.txt', 'other\n'),
    'the index': () => repo.git('add', 'b.txt'),
    'a branch': () => repo.git('branch', '-f', 'other', 'stash@{0}'),
    'the config': () => repo.git('config', 'a.b', 'c'),
    'a hook': () => repo.write('.git/hooks/post-merge', ''),
    HEAD: () => repo.git('symbolic-ref', 'HEAD', 'refs/heads/other'),
    'the stash': () => repo.git('stash', 'drop', '--quiet'),
  };
  for (const [what, change] of Object.entries(changes)) {
    const before = fingerprint(repo.root);
    change();
    assert.notDeepEqual(fingerprint(repo.root), before, what);
  }
});
