import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { TaskId } from '../../src/core/ids.ts';
import { INTEGRATION, makeRig, message } from './rig.ts';

const run = promisify(execFile);
const COUNT = 12;

test('two processes that merge at once lose nothing: every task is in exactly once, on one line', async () => {
  await using rig = await makeRig();
  const base = await rig.head();
  const script = join(import.meta.dirname, 'advance-loop.ts');
  await Promise.all(
    ['a', 'b'].map((name) => run(process.execPath, [script, rig.repo.root, name, String(COUNT)])),
  );
  const subjects = rig.repo
    .git('log', '--first-parent', '--format=%s', `${base}..${INTEGRATION}`)
    .split('\n');
  const expected = ['a', 'b'].flatMap((name) =>
    Array.from({ length: COUNT }, (_, index) => `Work on ${name}-${index}`),
  );
  assert.deepEqual(subjects.sort(), expected.sort());
  const files = rig.repo.git('ls-tree', '--name-only', INTEGRATION).split('\n');
  assert.equal(files.filter((file) => /^[ab]-\d+\.txt$/.test(file)).length, 2 * COUNT);
  assert.equal(rig.repo.git('for-each-ref', 'refs/heads/cw/a-*', 'refs/codewalk'), '');
  rig.repo.git('fsck', '--strict');
});

test('S3-34 many tasks of one process open, work and end at the same time', async () => {
  await using rig = await makeRig({ poolSize: 3 });
  const base = await rig.head();
  const heads = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const task = `t${index}` as TaskId;
      const { workspace, head } = await rig.work(task, { [`${task}.txt`]: task });
      const merged = await rig.integration.merge({
        strategy: 'merge',
        onto: base,
        head,
        base,
        message: message(task),
      });
      assert.ok(merged.kind === 'merged');
      const released = await rig.workspaces.release(workspace, {
        mergedInto: merged.commit,
        mergedHead: head,
      });
      assert.deepEqual(released, { kind: 'removed' });
      return head;
    }),
  );
  assert.equal(new Set(heads).size, 8);
  for (const [index, head] of heads.entries()) {
    assert.equal(rig.repo.git('diff', '--name-only', base, head), `t${index}.txt`);
  }
});
