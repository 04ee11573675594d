import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPostgres } from '../support/postgres.ts';
import { makeProject } from './project.ts';
import {
  assertGapless,
  assertMergedOnceInOrder,
  assertNoOverlap,
  assertNothingLeft,
  TWENTY_TASKS,
} from './twenty-tasks.ts';

test('S0-35 S0-48 two runs share a plan of twenty tasks on PostgreSQL, and one of them is killed', async () => {
  await using server = await startPostgres();
  const database = await server.freshDatabase();
  await using project = await makeProject({ ...TWENTY_TASKS, config: { ...TWENTY_TASKS.config, database } });
  await using first = await project.start(['run', '--json']);
  await first.line((line) => line.includes('"type":"task.done"'));
  await using second = await project.start(['run', '--json']);
  await second.line((line) => line.includes('"type":"orchestrator.started"'));
  process.kill(-first.pid, 'SIGKILL');
  assert.equal((await first.end).code, null);
  const joined = await second.end;
  assert.equal(joined.code, 0, joined.stderr + joined.stdout);
  // Killed between the end of a task and the removal of its worktree, the first leaves that to the next run.
  const next = await project.cw(['run']);
  assert.equal(next.code, 0, next.stderr);

  const tasks = await project.tasks();
  assert.deepEqual(
    Object.values(tasks).filter(({ state }) => state !== 'done'),
    [],
  );
  assertMergedOnceInOrder(project);
  assertNoOverlap(project);
  assertGapless(await project.events());
  assertNothingLeft(project);
});
