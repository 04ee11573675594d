import assert from 'node:assert/strict';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GitDelivery } from '../../src/adapters/git/deliver.ts';
import { commitGraph, diffNumbers, diffText } from '../../src/adapters/git/diff.ts';
import { ATTRIBUTES, type Evidence, makeEvidence, plantInRepository } from '../hostile/plants.ts';
import type { Rig } from './rig.ts';
import { INTEGRATION, makeRig, message } from './rig.ts';

/** Makes git reach the planted programs, and fail where it does not run them. */
const EAGER = { 'filter.evil.required': 'true', 'commit.gpgSign': 'true', 'gc.auto': '1' };

/** Plants a program for everything that a repository can make git run. Each leaves a file named after it. */
function plant({ repo }: Rig): Evidence {
  const evidence = makeEvidence(join(repo.root, '.git', 'evidence'));
  plantInRepository(repo, evidence);
  for (const [name, value] of Object.entries(EAGER)) repo.git('config', name, value);
  return evidence;
}

const FILES = {
  'a.txt': 'a\n',
  'a.evil': 'evil\n',
  'a.daemon': 'daemon\n',
  'a.converted': 'converted\n',
  '.gitattributes': ATTRIBUTES,
};

test('S3-70 nothing that a repository plants runs: no hook, filter, monitor, diff, merge driver, signer', async () => {
  await using rig = await makeRig({ files: FILES });
  const { repo, repository, workspaces, integration } = rig;
  repo.git('branch', 'release');
  const evidence = plant(rig);

  let onto = await rig.head();
  const start = onto;
  const first = await rig.work('t1', {
    'a.evil': 'one\n',
    'a.daemon': 'one\n',
    'a.converted': 'one\n',
    'b.evil': 'b\n',
  });
  const second = await rig.work('t2', { 'a.evil': 'two\n', 'a.txt': 'two\n' });
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
      repo.write('a.evil', 'both\n', workspace.path);
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
    assert.match(await workspaces.diff(workspace, { maxBytes: 100_000 }), /evil/);
    await workspaces.diffStat(workspace);
    await integration.advance(INTEGRATION, { expected: onto, to: merged.commit, reason: task });
    await integration.tasksTouching({ since: start, until: merged.commit, files: ['a.evil'] });
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

  assert.deepEqual(evidence.found(), []);
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
