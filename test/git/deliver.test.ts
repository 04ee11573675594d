import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GitDelivery } from '../../src/adapters/git/deliver.ts';
import { openRepository } from '../../src/adapters/git/repository.ts';
import type { DeliveryResult } from '../../src/core/workspaces/ports.ts';
import type { Rig } from './rig.ts';
import { INTEGRATION, makeRig, message } from './rig.ts';

/** A rig whose integration branch holds the merged task `t1`. */
async function withWork(
  files: Readonly<Record<string, string>> = { 'a.txt': 'a\n', 'b.txt': 'b\n' },
): Promise<Rig> {
  const rig = await makeRig({ files });
  const onto = await rig.head();
  const { head } = await rig.work('t1', { 'a.txt': 'done\n', 'new.txt': 'new\n' });
  const merged = await rig.integration.merge({
    strategy: 'merge',
    onto,
    head,
    base: onto,
    message: message('t1'),
  });
  assert.ok(merged.kind === 'merged');
  await rig.integration.advance(INTEGRATION, { expected: onto, to: merged.commit, reason: 't1' });
  return rig;
}

const deliver = (rig: Rig, target = 'main'): Promise<DeliveryResult> =>
  new GitDelivery(rig.repository).deliver({ branch: INTEGRATION, target });

test('a target that nobody has checked out moves forward, without a checkout', async () => {
  await using rig = await withWork();
  rig.repo.git('branch', 'release');
  const commit = await rig.head();
  assert.deepEqual(await deliver(rig, 'release'), { kind: 'delivered', commit, tasks: ['t1'] });
  assert.equal(rig.repo.git('rev-parse', 'release'), commit);
  assert.equal(rig.repo.git('reflog', '-1', '--format=%gs', 'release'), `codewalk: deliver ${INTEGRATION}`);
  assert.deepEqual(await deliver(rig, 'release'), { kind: 'nothing' });
});

test('a clean checkout on the target moves with it: files, index and HEAD', async () => {
  await using rig = await withWork();
  rig.repo.write('untracked.txt', 'mine\n');
  const result = await deliver(rig);
  assert.equal(result.kind, 'delivered');
  assert.equal(readFileSync(join(rig.repo.root, 'a.txt'), 'utf8'), 'done\n');
  assert.equal(readFileSync(join(rig.repo.root, 'untracked.txt'), 'utf8'), 'mine\n');
  assert.equal(rig.repo.git('status', '--porcelain', '--branch'), '## main\n?? untracked.txt');
  assert.equal(rig.repo.git('rev-parse', 'HEAD'), await rig.head());
  assert.match(rig.repo.git('reflog', '-1', '--format=%gs'), /codewalk: deliver/);
});

test('a target with commits of its own gets a merge commit', async () => {
  await using rig = await withWork();
  rig.repo.write('b.txt', 'of the user\n');
  const own = rig.repo.commit('Own');
  const result = await deliver(rig);
  assert.ok(result.kind === 'delivered');
  assert.equal(rig.repo.git('log', '-1', '--format=%P', 'main'), `${own} ${await rig.head()}`);
  assert.equal(readFileSync(join(rig.repo.root, 'b.txt'), 'utf8'), 'of the user\n');
  assert.equal(rig.repo.git('status', '--porcelain'), '');
});

test('what stands in the way is refused with the next step, and changes nothing', async () => {
  const cases: [string, (rig: Rig) => void, RegExp, readonly string[]][] = [
    ['a change', (rig) => rig.repo.write('b.txt', 'mine\n'), /uncommitted/, ['b.txt']],
    [
      'a staged change',
      (rig) => {
        rig.repo.write('b.txt', 'mine\n');
        rig.repo.git('add', 'b.txt');
      },
      /uncommitted/,
      ['b.txt'],
    ],
    ['an untracked file in the way', (rig) => rig.repo.write('new.txt', 'mine\n'), /untracked/, ['new.txt']],
    [
      'an ignored file in the way',
      (rig) => {
        rig.repo.write('.git/info/exclude', 'new.txt\n/.codewalk/\n');
        rig.repo.write('new.txt', 'mine\n');
      },
      /untracked/,
      ['new.txt'],
    ],
    [
      'a conflict',
      (rig) => {
        rig.repo.write('a.txt', 'mine\n');
        rig.repo.commit('Mine');
      },
      /conflicts/,
      ['a.txt'],
    ],
    [
      'a merge in progress',
      (rig) => rig.repo.write('.git/MERGE_HEAD', `${rig.repo.git('rev-parse', 'HEAD')}\n`),
      /middle/,
      [],
    ],
    [
      'another worktree',
      (rig) => {
        rig.repo.git('checkout', '-q', '--detach');
        rig.repo.git('worktree', 'add', '-q', join(rig.repo.root, '.git/elsewhere'), 'main');
      },
      /elsewhere/,
      [],
    ],
  ];
  for (const [what, prepare, reason, files] of cases) {
    await using rig = await withWork();
    prepare(rig);
    const before = [rig.repo.git('rev-parse', 'main'), rig.repo.git('status', '--porcelain')];
    const result = await deliver(rig);
    assert.ok(result.kind === 'refused', what);
    assert.match(result.reason, reason, what);
    assert.deepEqual(result.files, files, what);
    assert.match(result.advice, /git/, what);
    assert.deepEqual(
      [rig.repo.git('rev-parse', 'main'), rig.repo.git('status', '--porcelain')],
      before,
      what,
    );
  }
});

test("files that go through the user's filter are left to the user's git", async () => {
  await using rig = await withWork({ 'a.txt': 'a\n', '.gitattributes': '*.txt filter=upper\n' });
  const evidence = join(rig.repo.root, '.git/filter-ran');
  rig.repo.git('config', 'filter.upper.smudge', `touch '${evidence}'; cat`);
  await using repository = await openRepository(rig.repo.root);
  const result = await new GitDelivery(repository).deliver({ branch: INTEGRATION, target: 'main' });
  assert.ok(result.kind === 'refused');
  assert.match(result.reason, /filter \(upper\)/);
  assert.deepEqual([...result.files].sort(), ['a.txt', 'new.txt']);
  assert.equal(existsSync(evidence), false);
});

test('a branch that does not exist is bad usage', async () => {
  await using rig = await withWork();
  await assert.rejects(deliver(rig, 'nowhere'), { name: 'UsageError', code: 'BRANCH_MISSING' });
});
