import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '../../src/core/ids.ts';
import { attachRig, INTEGRATION, makeRig, message, type Rig } from './rig.ts';

const task = 't1' as TaskId;

/** An attempt of `t1` with this fence, and what it has made so far. */
async function attempt(rig: Rig, fence: number) {
  const raised = await rig.workspaces.raiseFence({ task, fence });
  const base = await rig.head();
  const workspace = await rig.workspaces.open({ task, base, fence: raised });
  rig.repo.write('t1.txt', `by ${fence}\n`, workspace.path);
  const { commit: head } = await rig.workspaces.snapshot(workspace, message(task, `Attempt ${fence}`));
  return { workspace, base, head };
}

const refsOf = (rig: Rig) => rig.repo.git('for-each-ref', '--format=%(refname) %(objectname)');

test('S0-58 an attempt that was overtaken moves no ref of its task, and is told both fences', async () => {
  await using rig = await makeRig();
  await using other = await attachRig(rig.repo);
  const stale = await attempt(rig, 1);
  const now = await attempt(other, 2);
  const before = refsOf(rig);
  const refused = { code: 'REF_FENCED', fence: 1, heldFence: 2 };
  const { workspace, base, head } = stale;
  assert.ok(workspace.fence);

  const whole = { mergedInto: now.head, mergedHead: now.head };
  await assert.rejects(rig.workspaces.release(workspace, whole), refused);
  rig.repo.write('late.txt', 'late\n', workspace.path);
  await assert.rejects(rig.workspaces.snapshot(workspace, message(task)), refused);
  await assert.rejects(rig.workspaces.open({ task, base, fence: workspace.fence }), refused);
  await assert.rejects(rig.workspaces.raiseFence({ task, fence: 1 }), refused);
  await assert.rejects(rig.workspaces.restore(workspace, base, { reason: 'discarded' }), refused);
  const late = { expected: base, to: head, reason: 'late', workspace };
  await assert.rejects(rig.integration.advance(INTEGRATION, late), refused);
  const moved = (refs: string) => refs.split('\n').filter((ref) => !ref.startsWith('refs/codewalk/saved/'));
  assert.deepEqual(moved(refsOf(rig)), moved(before));
});

test('S0-58 the newest attempt works, merges and ends, and its fence ends with it', async () => {
  await using rig = await makeRig();
  await attempt(rig, 1);
  const { workspace, base, head } = await attempt(rig, 2);
  assert.equal((await rig.workspaces.raiseFence({ task, fence: 2 })).mark, workspace.fence?.mark, 'the same');
  const merged = await rig.integration.merge({
    strategy: 'merge',
    onto: base,
    head,
    base,
    message: message(task),
  });
  assert.ok(merged.kind === 'merged');
  const move = { expected: base, to: merged.commit, reason: 'merge', workspace };
  assert.equal(await rig.integration.advance(INTEGRATION, move), 'advanced');
  const released = await rig.workspaces.release(workspace, { mergedInto: merged.commit, mergedHead: head });
  assert.deepEqual(released, { kind: 'removed' });
  assert.equal(rig.repo.git('for-each-ref', 'refs/codewalk', 'refs/heads/cw/t1'), '');
});

test('the fence of a store that was reset gives way to that of the new one', async () => {
  await using rig = await makeRig();
  await using reset = await attachRig(rig.repo, { era: 'another' });
  const old = await attempt(rig, 7);
  await attempt(reset, 1);
  await assert.rejects(rig.workspaces.snapshot(old.workspace, message(task)), { heldFence: 1 });
});
