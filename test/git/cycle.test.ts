import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { INTEGRATION, makeRig, message } from './rig.ts';

test('S2-22 S2-24 S3-35 a task gets its own worktree, and its work is merged into the integration branch', async () => {
  await using rig = await makeRig({ files: { 'a.txt': 'a\n' } });
  const base = await rig.head();
  const { workspace, head } = await rig.work('t1', { 'b.txt': 'b\n' });
  assert.equal(workspace.path, join(rig.repo.root, '.codewalk/worktrees/t1'));
  assert.equal(workspace.branch, 'cw/t1');
  assert.equal(existsSync(join(rig.repo.root, 'b.txt')), false);

  const merged = await rig.integration.merge({
    strategy: 'merge',
    onto: base,
    head,
    base,
    message: message('t1'),
  });
  assert.equal(merged.kind, 'merged');
  if (merged.kind !== 'merged') return;
  const move = { expected: base, to: merged.commit, reason: 'codewalk: merge t1' };
  assert.equal(await rig.integration.advance(INTEGRATION, move), 'advanced');

  assert.equal(rig.repo.git('show', `${INTEGRATION}:b.txt`), 'b');
  assert.equal(rig.repo.git('log', '-1', '--format=%P', INTEGRATION), `${base} ${head}`);
  assert.equal(
    rig.repo.git('log', '-1', '--format=%(trailers:key=Codewalk-Task,valueonly)', INTEGRATION).trim(),
    't1',
  );
  assert.equal(rig.repo.git('reflog', '-1', '--format=%gs', INTEGRATION), 'codewalk: merge t1');
  assert.deepEqual(await rig.workspaces.release(workspace, { mergedInto: merged.commit, mergedHead: head }), {
    kind: 'removed',
  });
  assert.equal(existsSync(workspace.path), false);
  assert.equal(rig.repo.git('for-each-ref', 'refs/heads/cw/t1', 'refs/codewalk'), '');
  assert.equal(rig.repo.git('status', '--porcelain'), '');
  rig.repo.git('fsck', '--strict');
});
