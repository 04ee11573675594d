import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GitDelivery } from '../../src/adapters/git/deliver.ts';
import { commitGraph, diffNumbers, diffText } from '../../src/adapters/git/diff.ts';
import type { Rig } from './rig.ts';
import { INTEGRATION, makeRig, message } from './rig.ts';

const HOOKS = [
  'applypatch-msg',
  'pre-commit',
  'prepare-commit-msg',
  'commit-msg',
  'post-commit',
  'pre-merge-commit',
  'post-merge',
  'post-checkout',
  'post-index-change',
  'post-rewrite',
  'pre-rebase',
  'pre-auto-gc',
  'reference-transaction',
  'fsmonitor-watchman',
];

/** Plants a program for everything that a repository can make git run. Each leaves a file named after it. */
function plant(rig: Rig): { ran: () => string[] } {
  const { repo } = rig;
  const evidence = join(repo.root, '.git', 'evidence');
  repo.write('.git/evidence/.keep', '');
  const program = (name: string, body = 'cat 2>/dev/null') => {
    const path = join(repo.root, '.git', `run-${name}`);
    writeFileSync(path, `#!/bin/sh\ntouch '${evidence}/${name}'\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  for (const hook of HOOKS) {
    repo.write(`.git/hooks/${hook}`, `#!/bin/sh\ntouch '${evidence}/hook-${hook}'\n`);
    chmodSync(join(repo.root, '.git/hooks', hook), 0o755);
  }
  const settings = {
    'core.fsmonitor': program('fsmonitor', 'exit 1'),
    'core.pager': program('pager'),
    'core.editor': program('editor'),
    'core.sshCommand': program('ssh'),
    'core.alternateRefsCommand': program('alternate-refs'),
    'core.gitProxy': program('proxy'),
    'diff.external': program('diff-external'),
    'diff.custom.textconv': program('textconv', 'cat "$1"'),
    'diff.custom.command': program('diff-command'),
    'merge.custom.driver': `${program('merge-driver')} %A`,
    'filter.custom.clean': program('filter-clean'),
    'filter.custom.smudge': program('filter-smudge'),
    'filter.custom.required': 'true',
    'filter.daemon.process': program('filter-process', 'exit 1'),
    'gpg.program': program('gpg', 'exit 1'),
    'commit.gpgSign': 'true',
    'credential.helper': program('credential'),
    'interactive.diffFilter': program('diff-filter'),
    'sequence.editor': program('sequence-editor'),
    'uploadpack.packObjectsHook': program('pack-objects'),
    'gc.auto': '1',
  };
  for (const [name, value] of Object.entries(settings)) repo.git('config', name, value);
  return {
    ran: () =>
      readdirSync(evidence)
        .filter((name) => name !== '.keep')
        .sort(),
  };
}

const FILES = {
  'a.txt': 'a\n',
  'a.custom': 'custom\n',
  'a.daemon': 'daemon\n',
  '.gitattributes': '*.custom filter=custom diff=custom merge=custom\n*.daemon filter=daemon\n',
};

test('S3-70 nothing that a repository plants runs: no hook, filter, monitor, diff, merge driver, signer', async () => {
  await using rig = await makeRig({ files: FILES });
  const { repo, repository, workspaces, integration } = rig;
  repo.git('branch', 'release');
  const { ran } = plant(rig);

  let onto = await rig.head();
  const start = onto;
  const first = await rig.work('t1', { 'a.custom': 'one\n', 'a.daemon': 'one\n', 'b.custom': 'b\n' });
  const second = await rig.work('t2', { 'a.custom': 'two\n', 'a.txt': 'two\n' });
  for (const [task, { workspace, head }] of Object.entries({ t1: first, t2: second })) {
    let tip = head;
    let merged = await integration.merge({
      strategy: 'merge',
      onto,
      head,
      base: start,
      message: message(task),
    });
    if (merged.kind === 'conflicted') {
      await workspaces.bringIn(workspace, onto);
      repo.write('a.custom', 'both\n', workspace.path);
      tip = (await workspaces.snapshot(workspace, message(task))).commit;
      merged = await integration.merge({
        strategy: 'merge',
        onto,
        head: tip,
        base: onto,
        message: message(task),
      });
    }
    assert.ok(merged.kind === 'merged');
    await workspaces.checkout(workspace, merged.commit, { reason: 'merge' });
    await workspaces.restore(workspace, tip, { reason: 'verify' });
    assert.match(await workspaces.diff(workspace, { maxBytes: 100_000 }), /custom/);
    await workspaces.diffStat(workspace);
    await integration.advance(INTEGRATION, { expected: onto, to: merged.commit, reason: task });
    await integration.tasksTouching({ since: start, until: merged.commit, files: ['a.custom'] });
    assert.equal(
      (await workspaces.release(workspace, { mergedInto: merged.commit, mergedHead: tip })).kind,
      'removed',
    );
    onto = merged.commit;
  }
  await diffText(repository, { from: start, to: onto, maxBytes: 100_000 });
  await diffNumbers(repository, { from: start, to: onto });
  await commitGraph(repository, { from: start, to: onto });
  const delivery = new GitDelivery(repository);
  assert.equal((await delivery.deliver({ branch: INTEGRATION, target: 'release' })).kind, 'delivered');
  await delivery.deliver({ branch: INTEGRATION, target: 'main' });
  await workspaces.repair();

  assert.deepEqual(ran(), []);
});

test('plain git would have run them', async () => {
  await using rig = await makeRig({ files: FILES });
  const { repo } = rig;
  const { ran } = plant(rig);
  const quiet = (...args: string[]) => {
    try {
      repo.git(...args);
    } catch {
      // Planted programs make some commands fail; what counts is that they ran.
    }
  };
  // As long as before: git has to read it to know that it changed.
  repo.write('a.daemon', 'nomead\n');
  quiet('status');
  // This one ends every command that needs it.
  repo.git('config', '--unset', 'filter.daemon.process');
  quiet('worktree', 'add', join(repo.root, '.git/wt'), '-b', 'wt');
  repo.write('a.custom', 'changed\n');
  repo.write('a.txt', 'changed\n');
  quiet('diff');
  quiet('-c', 'diff.external=', 'diff', '--no-ext-diff');
  quiet('-c', 'commit.gpgSign=false', 'commit', '-am', 'with hooks');
  quiet('commit', '--allow-empty', '-m', 'signed');
  quiet('-c', 'filter.custom.required=false', 'add', '-A');
  quiet('branch', 'side', 'HEAD~1');
  quiet('-c', 'commit.gpgSign=false', 'merge', 'side');
  const names = ran();
  for (const expected of [
    'fsmonitor',
    'diff-external',
    'textconv',
    'filter-clean',
    'filter-process',
    'gpg',
    'hook-post-checkout',
    'hook-post-index-change',
    'hook-pre-commit',
    'hook-reference-transaction',
  ]) {
    assert.ok(names.includes(expected), `${expected} did not run; those did: ${names.join(' ')}`);
  }
});

test('a worktree that an agent reconfigured runs nothing either', async () => {
  await using rig = await makeRig({ files: FILES });
  const { repo, workspaces } = rig;
  const workspace = await rig.open('t1');
  const evidence = join(repo.root, '.git', 'agent-ran');
  repo.git('config', 'extensions.worktreeConfig', 'true');
  repo.git('-C', workspace.path, 'config', '--worktree', 'core.fsmonitor', `touch '${evidence}'; false`);
  repo.git('-C', workspace.path, 'config', '--worktree', 'core.hooksPath', workspace.path);
  repo.write('reference-transaction', `#!/bin/sh\ntouch '${evidence}'\n`, workspace.path);
  chmodSync(join(workspace.path, 'reference-transaction'), 0o755);
  assert.equal((await workspaces.snapshot(workspace, message('t1'))).kind, 'committed');
  assert.equal(existsSync(evidence), false);
  repo.git('-C', workspace.path, 'status');
  assert.equal(existsSync(evidence), true, 'the agent itself would have run it');
});
