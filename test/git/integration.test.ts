import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MergeStrategy } from '../../src/core/events/event.ts';
import { MERGE_STRATEGIES } from '../../src/core/events/event.ts';
import type { ObjectId } from '../../src/core/ids.ts';
import type { Rig } from './rig.ts';
import { INTEGRATION, makeRig, message } from './rig.ts';

/** Merges and advances; the tests that expect a conflict call `merge` themselves. */
async function mergeIn(rig: Rig, strategy: MergeStrategy, task: string, head: ObjectId): Promise<ObjectId> {
  const onto = await rig.head();
  const merged = await rig.integration.merge({
    strategy,
    onto,
    head,
    base: onto,
    message: message(task, `Merge ${task}`),
  });
  assert.ok(merged.kind === 'merged', merged.kind);
  assert.equal(rig.repo.git('rev-parse', `${merged.commit}^{tree}`), merged.tree);
  const move = { expected: onto, to: merged.commit, reason: `merge ${task}` };
  assert.equal(await rig.integration.advance(INTEGRATION, move), 'advanced');
  return merged.commit;
}

const parents = (rig: Rig, commit: string) => rig.repo.git('log', '-1', '--format=%P', commit).split(' ');
const subjects = (rig: Rig, range: string) =>
  rig.repo.git('log', '--reverse', '--format=%s', range).split('\n');

test('S3-35 merge makes a commit with both parents', async () => {
  await using rig = await makeRig();
  const base = await rig.head();
  const one = await rig.work('t1', { 'one.txt': '1\n' });
  const two = await rig.work('t2', { 'two.txt': '2\n' });
  const first = await mergeIn(rig, 'merge', 't1', one.head);
  const second = await mergeIn(rig, 'merge', 't2', two.head);
  assert.deepEqual(parents(rig, first), [base, one.head]);
  assert.deepEqual(parents(rig, second), [first, two.head]);
});

test('S3-35 squash makes one commit, and the worktree can be released after it', async () => {
  await using rig = await makeRig();
  const base = await rig.head();
  await rig.work('t1', { 'one.txt': '1\n' });
  const { workspace, head } = await rig.work('t1', { 'two.txt': '2\n' });
  const commit = await mergeIn(rig, 'squash', 't1', head);
  assert.deepEqual(parents(rig, commit), [base]);
  assert.equal(rig.repo.git('ls-tree', '-r', '--name-only', commit), 'README.md\none.txt\ntwo.txt');
  const released = await rig.workspaces.release(workspace, { mergedInto: commit, mergedHead: head });
  assert.deepEqual(released, { kind: 'removed' });
});

test('S3-35 rebase replays each commit with author and message, and leaves out what changes nothing', async () => {
  await using rig = await makeRig();
  const other = await rig.work('t0', { 'other.txt': 'o\n', 'same.txt': 's\n' });
  const { workspace } = await rig.work('t1', { 'one.txt': '1\n' });
  const agent = ['-C', workspace.path, '-c', 'user.name=Bot', '-c', 'user.email=bot@example.com'];
  rig.repo.write('same.txt', 's\n', workspace.path);
  rig.repo.git(...agent, 'add', '-A');
  rig.repo.git(...agent, 'commit', '-qm', 'Same as the other');
  rig.repo.write('two.txt', '2\n', workspace.path);
  rig.repo.git(...agent, 'add', '-A');
  rig.repo.git(...agent, 'commit', '-qm', 'By the agent\n\nWith a body');
  const { commit: head } = await rig.workspaces.snapshot(workspace, message('t1'));
  const onto = await mergeIn(rig, 'merge', 't0', other.head);
  await mergeIn(rig, 'rebase', 't1', head);
  assert.deepEqual(subjects(rig, `${onto}..${INTEGRATION}`), ['Work on t1', 'By the agent']);
  assert.equal(rig.repo.git('rev-list', '--merges', '--count', `${onto}..${INTEGRATION}`), '0');
  assert.equal(
    rig.repo.git('log', '-1', '--format=%an|%cn|%b', INTEGRATION),
    'Bot|Ada|With a body\n\nCodewalk-Task: t1\nCodewalk-Attempt: 1',
  );
  assert.equal(rig.repo.git('show', `${INTEGRATION}:two.txt`), '2');
});

test('rebase of commits that are in place already keeps them', async () => {
  await using rig = await makeRig();
  const { head } = await rig.work('t1', { 'one.txt': '1\n' });
  assert.equal(await mergeIn(rig, 'rebase', 't1', head), head);
});

test('S3-35 fast-forward takes the branch as it is, or says that it diverged', async () => {
  await using rig = await makeRig();
  const one = await rig.work('t1', { 'one.txt': '1\n' });
  const two = await rig.work('t2', { 'two.txt': '2\n' });
  assert.equal(await mergeIn(rig, 'fast-forward', 't1', one.head), one.head);
  const onto = await rig.head();
  const again = {
    strategy: 'fast-forward',
    onto,
    head: two.head,
    base: onto,
    message: message('t2'),
  } as const;
  assert.deepEqual(await rig.integration.merge(again), { kind: 'diverged' });
  await rig.workspaces.bringIn(two.workspace, onto);
  const { commit } = await rig.workspaces.snapshot(two.workspace, message('t2'));
  assert.equal(await mergeIn(rig, 'fast-forward', 't2', commit), commit);
});

for (const strategy of MERGE_STRATEGIES) {
  test(`S2-47 S3-37 with ${strategy}, a conflict names its files, is resolved in the worktree, and merges then`, async () => {
    await using rig = await makeRig({ files: { 'a.txt': 'a\nb\nc\n', 'b.txt': 'b\n' } });
    const one = await rig.work('t1', { 'a.txt': 'a\none\nc\n' });
    const two = await rig.work('t2', { 'a.txt': 'a\ntwo\nc\n', 'b.txt': 'two\n' });
    const onto = await mergeIn(rig, strategy, 't1', one.head);
    const refused = await rig.integration.merge({
      strategy,
      onto,
      head: two.head,
      base: two.workspace.base,
      message: message('t2'),
    });
    assert.deepEqual(
      refused,
      strategy === 'fast-forward' ? { kind: 'diverged' } : { kind: 'conflicted', files: ['a.txt'] },
    );
    assert.equal(await rig.head(), onto, 'nothing moved');

    const { workspace } = two;
    assert.deepEqual(await rig.workspaces.bringIn(workspace, onto), { kind: 'conflicted', files: ['a.txt'] });
    assert.equal(
      readFileSync(join(workspace.path, 'a.txt'), 'utf8'),
      'a\n<<<<<<< cw/t2\ntwo\n=======\none\n>>>>>>> cw/integration\nc\n',
    );
    assert.match(rig.repo.git('-C', workspace.path, 'status'), /both modified: +a\.txt/);
    assert.deepEqual(await rig.workspaces.unresolved(workspace, ['a.txt', 'b.txt', 'gone.txt']), ['a.txt']);
    rig.repo.write('a.txt', 'a\none and two\nc\n', workspace.path);
    assert.deepEqual(await rig.workspaces.unresolved(workspace, ['a.txt']), []);
    const { commit: head } = await rig.workspaces.snapshot(workspace, message('t2'));
    assert.deepEqual(parents(rig, head), [two.head, onto]);
    assert.deepEqual(await rig.workspaces.diffStat(workspace), { files: 2, insertions: 2, deletions: 2 });

    const commit = await mergeIn(rig, strategy, 't2', head);
    assert.equal(rig.repo.git('show', `${INTEGRATION}:a.txt`), 'a\none and two\nc');
    assert.equal(rig.repo.git('show', `${INTEGRATION}:b.txt`), 'two');
    assert.deepEqual(await rig.workspaces.release(workspace, { mergedInto: commit, mergedHead: head }), {
      kind: 'removed',
    });
    rig.repo.git('fsck', '--strict');
  });
}

test('rebase goes on after a resolved conflict when the branch moved again', async () => {
  await using rig = await makeRig({ files: { 'a.txt': 'a\n' } });
  const one = await rig.work('t1', { 'a.txt': 'one\n' });
  const two = await rig.work('t2', { 'a.txt': 'two\n' });
  const three = await rig.work('t3', { 'c.txt': 'c\n' });
  const onto = await mergeIn(rig, 'rebase', 't1', one.head);
  await rig.workspaces.bringIn(two.workspace, onto);
  rig.repo.write('a.txt', 'both\n', two.workspace.path);
  await rig.workspaces.snapshot(two.workspace, message('t2'));
  rig.repo.write('d.txt', 'd\n', two.workspace.path);
  const { commit: head } = await rig.workspaces.snapshot(two.workspace, message('t2', 'After the conflict'));
  await mergeIn(rig, 'rebase', 't3', three.head);
  await mergeIn(rig, 'rebase', 't2', head);
  assert.equal(rig.repo.git('show', `${INTEGRATION}:a.txt`), 'both');
  assert.deepEqual(subjects(rig, `${onto}..${INTEGRATION}`), [
    'Work on t3',
    'Merge t2',
    'After the conflict',
  ]);
});

test('bringing in without a conflict is clean, and bringing in twice changes nothing', async () => {
  await using rig = await makeRig();
  const one = await rig.work('t1', { 'one.txt': '1\n' });
  const two = await rig.work('t2', { 'two.txt': '2\n' });
  const onto = await mergeIn(rig, 'merge', 't1', one.head);
  assert.deepEqual(await rig.workspaces.bringIn(two.workspace, onto), { kind: 'clean', files: [] });
  const { commit } = await rig.workspaces.snapshot(two.workspace, message('t2'));
  assert.deepEqual(parents(rig, commit), [two.head, onto]);
  assert.deepEqual(await rig.workspaces.bringIn(two.workspace, onto), { kind: 'clean', files: [] });
  assert.deepEqual(await rig.workspaces.snapshot(two.workspace, message('t2')), { kind: 'clean', commit });
});

test('work that is in already is unchanged, whatever the strategy', async () => {
  await using rig = await makeRig();
  const { workspace, head } = await rig.work('t1', { 'one.txt': '1\n' });
  const onto = await mergeIn(rig, 'squash', 't1', head);
  for (const strategy of ['squash', 'rebase'] as const) {
    const result = await rig.integration.merge({
      strategy,
      onto,
      head,
      base: workspace.base,
      message: message('t1'),
    });
    assert.deepEqual(result, { kind: 'unchanged' });
  }
  for (const strategy of MERGE_STRATEGIES) {
    const result = await rig.integration.merge({
      strategy,
      onto,
      head: onto,
      base: onto,
      message: message('t1'),
    });
    assert.deepEqual(result, { kind: 'unchanged' });
  }
});

test('a branch that moved since is not moved again', async () => {
  await using rig = await makeRig();
  const base = await rig.head();
  const one = await rig.work('t1', { 'one.txt': '1\n' });
  const two = await rig.work('t2', { 'two.txt': '2\n' });
  const now = await mergeIn(rig, 'merge', 't1', one.head);
  assert.equal(
    await rig.integration.advance(INTEGRATION, { expected: base, to: two.head, reason: 'late' }),
    'moved',
  );
  assert.equal(await rig.head(), now);
  assert.equal(await rig.integration.isAncestor(one.head, now), true);
  assert.equal(await rig.integration.isAncestor(two.head, now), false);
});

test('the tasks behind a conflict are found by their trailers', async () => {
  for (const strategy of ['merge', 'squash', 'rebase'] as const) {
    await using rig = await makeRig({ files: { 'a.txt': 'a\n', 'b*.txt': 'b\n', 'c.txt': 'c\n' } });
    const since = await rig.head();
    const works = { t1: { 'a.txt': '1\n' }, t2: { 'b*.txt': '2\n' }, t3: { 'c.txt': '3\n' } };
    for (const [task, files] of Object.entries(works)) {
      await mergeIn(rig, strategy, task, (await rig.work(task, files)).head);
    }
    const until = await rig.head();
    const touching = (files: string[]) => rig.integration.tasksTouching({ since, until, files });
    assert.deepEqual(await touching(['a.txt']), ['t1']);
    assert.deepEqual(await touching(['c.txt', 'b*.txt']), ['t2', 't3']);
    assert.deepEqual(await touching(['none.txt']), []);
    assert.deepEqual(await touching([]), []);
  }
});

test('the integration branch is made from the target, or from where the user stands', async () => {
  await using rig = await makeRig();
  rig.repo.git('branch', 'release');
  const { integration, repo } = rig;
  repo.write('next.txt', 'n\n');
  const next = repo.commit('Next');
  assert.equal(await integration.head('cw/a'), undefined);
  assert.equal(await integration.ensureBranch('cw/a', 'release'), repo.git('rev-parse', 'release'));
  assert.equal(await integration.ensureBranch('cw/a', 'main'), repo.git('rev-parse', 'release'), 'it exists');
  assert.equal(await integration.ensureBranch('cw/b', 'main'), next);
  await assert.rejects(integration.ensureBranch('cw/c', 'nowhere'), {
    name: 'UsageError',
    code: 'TARGET_MISSING',
  });
  await assert.rejects(integration.ensureBranch('--upload-pack=x', undefined), { code: 'BRANCH_NAME' });
  await assert.rejects(integration.ensureBranch('main/x', undefined), {
    code: 'BRANCH_NAME',
    message: /main/,
  });
});

test('an integration branch that somebody has checked out is refused', async () => {
  await using rig = await makeRig();
  await rig.head();
  rig.repo.git('checkout', '-q', INTEGRATION);
  await assert.rejects(rig.head(), {
    name: 'UsageError',
    code: 'INTEGRATION_CHECKED_OUT',
    message: new RegExp(rig.repo.root),
  });
  rig.repo.git('checkout', '-q', 'main');
  rig.repo.git('worktree', 'add', '-q', join(rig.repo.root, '.git/elsewhere'), INTEGRATION);
  await assert.rejects(rig.head(), { code: 'INTEGRATION_CHECKED_OUT', message: /elsewhere/ });
});
