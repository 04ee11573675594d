import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TaskId } from '../../src/core/ids.ts';
import { decidePause, decideResume } from '../../src/core/tasks/commands.ts';
import { did, type FakeTurn } from '../support/fake-backend.ts';
import { Rig, task } from './rig.ts';

async function untilStopped({ signal }: FakeTurn) {
  if (!signal.aborted) await once(signal, 'abort');
  return { kind: 'killed' as const, reason: 'stopped', byUs: true };
}

const pause = (rig: Rig, id: TaskId) =>
  rig.store.command(id, (found) => decidePause(found, { by: 'ann', reason: 'not yet' }));
const resume = (rig: Rig, id: TaskId) => rig.store.command(id, (found) => decideResume(found, 'ann'));

test('a run that has only paused tasks left ends with the pause named, and goes on after it is resumed', async () => {
  await using rig = await Rig.open({
    tasks: [task('a'), task('b', { needs: ['a'] })],
    agent: () => did('made'),
  });
  const { id } = task('b');
  await pause(rig, id);
  const end = await rig.run();
  const [hold] = end.kind === 'waiting' ? (end.holds ?? []) : [];
  assert.ok(hold?.kind === 'tasks-paused');
  assert.deepEqual(
    hold.tasks.map((each) => [each.id, each.pause.by, each.pause.reason]),
    [['b', 'ann', 'not yet']],
  );
  assert.deepEqual(await rig.states(), { a: 'done', b: 'pending' });
  await resume(rig, id);
  assert.deepEqual(await rig.run(), { kind: 'finished' });
});

test('a paused task stops its agent with its work saved, and goes on in its session without a failure', async () => {
  const started = Promise.withResolvers<void>();
  const agent = (turn: FakeTurn) => {
    if (turn.task === 'b' || turn.attempt > 1) return did('made');
    started.resolve();
    return untilStopped(turn);
  };
  await using rig = await Rig.open({ tasks: [task('a'), task('b')], agent });
  const run = rig.run();
  await started.promise;
  await pause(rig, task('a').id);
  assert.equal((await run).kind, 'waiting');
  assert.deepEqual(await rig.states(), { a: 'pending', b: 'done' });
  assert.ok(rig.repo.snapshots.includes('a'));
  assert.ok(!rig.repo.released.includes('a'));
  await resume(rig, task('a').id);
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  const turns = rig.backend.turns.filter((turn) => turn.task === 'a');
  assert.deepEqual(
    turns.map(({ session }) => session === undefined),
    [true, false],
  );
  assert.equal((await rig.store.task(task('a').id))?.failures, 0);
});

test('a paused project finishes what is at work, merges it, and begins nothing; a run that stays goes on at the event', async () => {
  const [started, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const agent = async (turn: FakeTurn) => {
    if (turn.task === 'a') {
      started.resolve();
      await mayEnd.promise;
    }
    return did('made');
  };
  await using rig = await Rig.open({
    tasks: [task('a'), task('b', { needs: ['a'] })],
    agent,
    stays: true,
  });
  const stop = new AbortController();
  const run = rig.run(stop.signal);
  await started.promise;
  await rig.store.pauseProject({ by: 'ann', reason: '', now: false });
  mayEnd.resolve();
  await until(rig, async () => (await rig.states())['a'] === 'done');
  assert.deepEqual(rig.repo.merged, ['a']);
  await rig.store.resumeProject('ann');
  await until(rig, async () => (await rig.states())['b'] === 'done');
  const claimed = await rig.events('task.claimed');
  const [resumed] = await rig.events('project.resumed');
  assert.ok((claimed[1]?.seq ?? 0) > (resumed?.seq ?? Number.NaN));
  stop.abort();
  assert.deepEqual(await run, { kind: 'stopped' });
});

test('a run in a paused project ends with the pause named, and one with nothing left to begin simply ends', async () => {
  await using rig = await Rig.open({ tasks: [task('a')], agent: () => did('made') });
  await rig.store.pauseProject({ by: 'ann', reason: 'lunch', now: false });
  const end = await rig.run();
  const [hold] = end.kind === 'waiting' ? (end.holds ?? []) : [];
  assert.ok(hold?.kind === 'project-paused');
  assert.deepEqual([hold.pause.by, hold.pause.reason, hold.tasks], ['ann', 'lunch', 1]);
  await rig.store.resumeProject('ann');
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  await rig.store.pauseProject({ by: 'ann', reason: '', now: false });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
});

/** Looks whenever something was written. */
async function until(rig: Rig, holds: () => Promise<boolean>): Promise<void> {
  const changed = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = rig.store.onChange(resolve);
    return promise.finally(end);
  };
  for (let next = changed(); !(await holds()); next = changed()) await next;
}
