import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fingerprint } from './fingerprint.ts';
import { makeProject } from './project.ts';
import {
  assertGapless,
  assertMergedOnceInOrder,
  assertNoOverlap,
  assertNothingLeft,
  assertVerified,
  MAX_AGENTS,
  SHARING,
  TASKS,
  TWENTY_TASKS,
} from './twenty-tasks.ts';

test('S3-65 S3-24 S3-33 S3-35 S3-70 S2-46 the installed program brings twenty tasks in order into the integration branch and leaves the checkout alone', async () => {
  await using project = await makeProject(TWENTY_TASKS);
  const { repo } = project;
  repo.write('staged.txt', 'first\n');
  repo.git('add', 'staged.txt');
  repo.write('kept-away.txt', 'for later\n');
  repo.git('stash', 'push', '--quiet', '--include-untracked', '--', 'kept-away.txt');
  repo.write('staged.txt', 'staged\n');
  repo.git('add', 'staged.txt');
  repo.write('README.md', 'Hello, and more\n');
  repo.write('sub/untracked.txt', 'mine\n');
  const before = fingerprint(project);

  const run = await project.cw(['run']);

  assert.equal(run.stderr, '');
  assert.equal(run.code, 0, run.stdout);
  assert.deepEqual(fingerprint(project), before);
  assertMergedOnceInOrder(project);
  assertVerified(project);
  assertNoOverlap(project);
  assertNothingLeft(project);
  const starts = project.starts();
  assert.deepEqual(starts.map(({ task }) => task).sort(), [...TASKS].sort(), 'nothing was tried twice');
  assert.equal(Math.max(...starts.map(({ alive }) => alive)), MAX_AGENTS, 'as many side by side as allowed');
  assert.equal(new Set(starts.map(({ cwd }) => cwd)).size, TASKS.length, 'each in a worktree of its own');
  assert.ok(starts.every(({ cwd }) => cwd !== repo.root));
  assert.equal(readFileSync(join(project.home, 'verified'), 'utf8').trim().split('\n').length, TASKS.length);
  assert.equal(repo.git('show', 'cw/integration:shared/names.txt'), SHARING.join('\n'));
  assert.ok(!existsSync(join(repo.root, 'out')));

  const events = await project.events();
  assertGapless(events);
  const count = (type: string): number => events.filter((event) => event.type === type).length;
  assert.equal(count('merge.done'), TASKS.length);
  assert.equal(count('merge.conflicted'), 0, 'the file lock keeps those apart that write the same file');
  const tasks = await project.tasks();
  assert.deepEqual(
    TASKS.map((id) => tasks[id]?.state),
    TASKS.map(() => 'done'),
  );
  assert.equal(repo.git('fsck', '--no-dangling', '--no-progress'), '');
});
