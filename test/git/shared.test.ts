import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ObjectId, TaskId } from '../../src/core/ids.ts';
import type { Workspace } from '../../src/core/workspaces/ports.ts';
import { plainGit } from '../support/repo.ts';
import { INTEGRATION, message } from './rig.ts';
import { type Host, makeOrigin, type Origin } from './shared-rig.ts';

async function write(host: Host, workspace: Workspace, file: string, text: string) {
  writeFileSync(join(workspace.path, file), text);
  return (await host.workspaces.snapshot(workspace, message(workspace.task, `Write ${file}`))).commit;
}

const refs = (origin: Origin) => origin.git('for-each-ref', '--format=%(refname)').split('\n');
const at = (origin: Origin, ref: string) => origin.git('rev-parse', ref);

test('S0-35 hosts merge into the branch of their remote, each onto what the other has merged', async () => {
  await using origin = await makeOrigin();
  const [one, two] = [await origin.host(), await origin.host()];
  const heads = new Map<Host, Workspace>();
  for (const [host, task] of [
    [one, 'a'],
    [two, 'b'],
  ] as const) {
    heads.set(host, await host.begin(task, 1));
  }
  const merged: string[] = [];
  for (const [host, workspace] of heads) {
    const head = await write(host, workspace, `${workspace.task}.txt`, 'x\n');
    const commit = await host.merge(workspace, head);
    merged.push(commit);
    assert.equal(at(origin, INTEGRATION), commit);
    assert.equal(host.git('rev-parse', INTEGRATION), commit, 'the branch here follows');
    const released = await host.workspaces.release(workspace, { mergedInto: commit, mergedHead: head });
    assert.deepEqual(released, { kind: 'removed' });
  }
  assert.equal(
    origin.git('log', '--first-parent', '--format=%H', `main..${INTEGRATION}`),
    merged.toReversed().join('\n'),
  );
  assert.deepEqual(
    refs(origin),
    [`refs/heads/${INTEGRATION}`, 'refs/heads/main'],
    'nothing of the tasks stays',
  );
  assert.equal(one.git('for-each-ref', 'refs/codewalk', 'refs/heads/cw/a'), '');
  assert.equal(one.git('status', '--porcelain'), '');
  origin.git('fsck', '--strict');
});

test('S0-35 another host goes on with a task from its last snapshot', async () => {
  await using origin = await makeOrigin();
  const [one, two] = [await origin.host(), await origin.host()];
  const first = await one.begin('a', 1);
  await write(one, first, 'half.txt', 'half\n');
  const snapshot = await write(one, first, 'more.txt', 'more\n');
  await one.workspaces.settle(first);
  assert.equal(at(origin, 'cw/a'), snapshot);
  const second = await two.begin('a', 2);
  assert.equal(second.reused, true);
  assert.equal(readFileSync(join(second.path, 'half.txt'), 'utf8'), 'half\n');
  const head = await write(two, second, 'whole.txt', 'whole\n');
  await two.workspaces.settle(second);

  // The first host is back, with a worktree that has what nobody else ever got.
  writeFileSync(join(first.path, 'unsaved.txt'), 'unsaved\n');
  const third = await one.begin('a', 3);
  assert.equal(readFileSync(join(third.path, 'whole.txt'), 'utf8'), 'whole\n');
  assert.equal(existsSync(join(third.path, 'unsaved.txt')), false);
  const saved = one.git('for-each-ref', '--format=%(refname)', 'refs/codewalk/saved').trim();
  assert.equal(one.git('show', `${saved}:unsaved.txt`), 'unsaved');
  const commit = await one.merge(third, head);
  assert.equal(origin.git('show', `${commit}:half.txt`), 'half');
});

test('S0-58 a host that was overtaken pushes nothing: no snapshot, no merge, no deletion', async () => {
  await using origin = await makeOrigin();
  const [stale, now] = [await origin.host(), await origin.host()];
  const overtaken = await stale.begin('a', 1);
  const head = await write(stale, overtaken, 'a.txt', 'a\n');
  await stale.workspaces.settle(overtaken);
  const newer = await now.begin('a', 2);
  await write(now, newer, 'b.txt', 'b\n');
  await now.workspaces.settle(newer);
  const before = origin.git('for-each-ref');
  const refused = { code: 'REF_FENCED', fence: 1, heldFence: 2 };

  await write(stale, overtaken, 'late.txt', 'late\n');
  await assert.rejects(stale.workspaces.settle(overtaken), refused);
  await assert.rejects(stale.merge(overtaken, head), refused);
  await assert.rejects(stale.begin('a', 1), refused);
  await stale.workspaces.release(overtaken, { mergedInto: head, mergedHead: head });
  assert.equal(origin.git('for-each-ref'), before);
});

test('S0-58 what is left on a host of a task that another one has merged is saved, and its worktree ends', async () => {
  await using origin = await makeOrigin();
  const [one, two] = [await origin.host(), await origin.host()];
  const first = await one.begin('a', 1);
  const own = await write(one, first, 'a.txt', 'by the one\n');
  const newer = await two.begin('a', 2);
  const head = await write(two, newer, 'a.txt', 'by the other\n');
  const commit = await two.merge(newer, head);
  await two.workspaces.release(newer, { mergedInto: commit, mergedHead: head });

  // The host is back, and clears up as a run does when it starts.
  writeFileSync(join(first.path, 'unsaved.txt'), 'unsaved\n');
  await one.integration.head(INTEGRATION);
  const left = await one.workspaces.open({ task: first.task, base: commit });
  const released = await one.workspaces.release(left, { mergedInto: commit, mergedHead: head });
  assert.deepEqual(released, { kind: 'removed' });
  assert.equal(existsSync(first.path), false);
  const saved = one.git('for-each-ref', '--format=%(refname)', 'refs/codewalk/saved').split('\n');
  const files = saved.map((ref) => one.git('ls-tree', '--name-only', ref).split('\n'));
  assert.ok(files.some((names) => names.includes('unsaved.txt')));
  assert.ok(saved.some((ref) => one.git('merge-base', '--is-ancestor', own, ref) === ''));
  assert.equal(one.git('for-each-ref', 'refs/codewalk/fences', 'refs/codewalk/work', 'refs/heads/cw/a'), '');
  assert.deepEqual(refs(origin), [`refs/heads/${INTEGRATION}`, 'refs/heads/main']);
});

test('what a person leaves in the worktree of a task that this host has merged stays there', async () => {
  await using origin = await makeOrigin();
  const one = await origin.host();
  const workspace = await one.begin('a', 1);
  const head = await write(one, workspace, 'a.txt', 'a\n');
  const commit = await one.merge(workspace, head);
  writeFileSync(join(workspace.path, 'note.txt'), 'note\n');
  const left = await one.workspaces.open({ task: workspace.task, base: commit });
  const released = await one.workspaces.release(left, { mergedInto: commit, mergedHead: head });
  assert.equal(released.kind, 'kept');
  assert.equal(readFileSync(join(workspace.path, 'note.txt'), 'utf8'), 'note\n');
});

test('S0-58 a merge that was refused as too late is not made again where its task is merged already', async () => {
  await using origin = await makeOrigin();
  const [stale, now] = [await origin.host(), await origin.host()];
  const overtaken = await stale.begin('a', 1);
  const head = await write(stale, overtaken, 'a.txt', 'a\n');
  await stale.workspaces.settle(overtaken);
  const newer = await now.begin('a', 2);
  const commit = await now.merge(newer, head);
  await stale.integration.ensureBranch(INTEGRATION, undefined);
  const again = stale.git(
    'commit-tree',
    '-p',
    commit,
    '-p',
    head,
    '-m',
    'Again',
    `${head}^{tree}`,
  ) as ObjectId;
  await assert.rejects(
    stale.integration.advance(INTEGRATION, {
      expected: commit,
      to: again,
      reason: 'late',
      workspace: overtaken,
    }),
    { code: 'REF_FENCED', fence: 1, heldFence: undefined },
  );
  assert.equal(at(origin, INTEGRATION), commit);
});

test('a push that was made and never answered is found to be made', async () => {
  await using origin = await makeOrigin();
  const host = await origin.host();
  const workspace = await host.begin('a', 1);
  const head = await write(host, workspace, 'a.txt', 'a\n');
  await host.workspaces.settle(workspace);
  // The connection breaks after the server has taken it.
  const { push } = host.remote;
  let broken = 0;
  host.remote.push = async (...args) => {
    const result = await push.apply(host.remote, args);
    broken += 1;
    if (broken > 1) return result;
    throw host.remote.stuck('the connection broke');
  };
  const commit = await host.merge(workspace, head);
  assert.equal(at(origin, INTEGRATION), commit);
  assert.equal(origin.git('rev-list', '--first-parent', '--count', `main..${INTEGRATION}`), '1');
});

test('what a person pushed to the branch of a task is saved before the next snapshot takes its place', async () => {
  await using origin = await makeOrigin();
  const host = await origin.host();
  const workspace = await host.begin('a', 1);
  await write(host, workspace, 'a.txt', 'a\n');
  await host.workspaces.settle(workspace);
  const person = join(origin.directory, 'person');
  origin.git('clone', '--quiet', '--branch', 'cw/a', origin.path, person);
  writeFileSync(join(person, 'theirs.txt'), 'theirs\n');
  plainGit(person, 'add', '-A');
  plainGit(person, '-c', 'user.name=P', '-c', 'user.email=p@example.com', 'commit', '-qm', 'Theirs');
  plainGit(person, 'push', '--quiet');
  const snapshot = await write(host, workspace, 'b.txt', 'b\n');
  await host.workspaces.settle(workspace);
  assert.equal(at(origin, 'cw/a'), snapshot);
  const saved = host.git('for-each-ref', '--format=%(refname)', 'refs/codewalk/saved').trim();
  assert.equal(host.git('show', `${saved}:theirs.txt`), 'theirs');
});

test('a task whose branch is ahead here and was never pushed keeps its work', async () => {
  await using origin = await makeOrigin();
  const host = await origin.host();
  const workspace = await host.begin('a', 1);
  await write(host, workspace, 'a.txt', 'a\n');
  await host.workspaces.settle(workspace);
  origin.git('update-ref', 'refs/heads/cw/a', 'main');
  const again = await host.begin('a', 2);
  assert.equal(readFileSync(join(again.path, 'a.txt'), 'utf8'), 'a\n');
});

test('a branch here that has merges which the remote lacks is left alone, with what to do', async () => {
  await using origin = await makeOrigin();
  const host = await origin.host();
  await host.integration.ensureBranch(INTEGRATION, undefined);
  const task = 'a' as TaskId;
  const own = host.git('commit-tree', '-p', INTEGRATION, '-m', 'Only here', `${INTEGRATION}^{tree}`);
  host.git('update-ref', `refs/heads/${INTEGRATION}`, own);
  await assert.rejects(host.begin(task, 1), {
    name: 'UsageError',
    code: 'INTEGRATION_DIVERGED',
    advice: /git branch -m/,
  });
  assert.equal(host.git('rev-parse', INTEGRATION), own);
});
