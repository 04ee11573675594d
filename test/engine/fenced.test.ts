import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AT_ONCE } from '../../src/core/agents/ports.ts';
import type { FakeTurn } from '../support/fake-backend.ts';
import { Rig, task } from './rig.ts';

test('S0-58 an orchestrator that slept past its lease stops its agents at once, and touches nothing', async () => {
  const started = Promise.withResolvers<void>();
  const stops: unknown[] = [];
  const agent = async (turn: FakeTurn) => {
    started.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    turn.signal.addEventListener('abort', () => {
      stops.push(turn.signal.reason);
      resolve();
    });
    await promise;
    return { kind: 'killed' as const, byUs: true, reason: 'stopped' };
  };
  await using rig = await Rig.open({ tasks: [task('a'), task('b')], agent, maxAgents: 2 });
  const run = rig.run();
  await started.promise;
  rig.sleptMs += 120_000;
  const end = await run;
  assert.ok(end.kind === 'fenced');
  assert.match(end.reason, /did not run for 1\d\d\.\d s/);
  assert.deepEqual([...end.tasks].sort(), ['a', 'b']);
  assert.deepEqual(stops, [AT_ONCE, AT_ONCE]);
  assert.deepEqual([rig.repo.snapshots, rig.repo.merged, rig.repo.released], [[], [], []]);
  assert.deepEqual(await rig.states(), { a: 'pending', b: 'pending' });
  const [fenced] = await rig.events('orchestrator.fenced');
  assert.ok(fenced?.type === 'orchestrator.fenced' && fenced.tasks.length === 2);
});

test('S0-58 a merge that is about to become visible is not made once the lease is over', async () => {
  const agent = () => ({
    kind: 'success' as const,
    text: '',
    result: { status: 'done' as const, summary: 'made' },
  });
  await using rig = await Rig.open({ tasks: [task('a')], agent });
  const { merge } = rig.repo.integration;
  let sleeps = true;
  Object.assign(rig.repo.integration, {
    merge: async (...args: Parameters<typeof merge>) => {
      const merged = await merge(...args);
      if (sleeps) rig.sleptMs += 120_000;
      sleeps = false;
      return merged;
    },
  });
  assert.equal((await rig.run()).kind, 'fenced');
  assert.deepEqual(rig.repo.merged, []);
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(rig.repo.merged, ['a']);
  assert.deepEqual(await rig.states(), { a: 'done' });
});

test('who is asked to stop finishes the turn at work, gives the task back, and ends', async () => {
  const started = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  let turns = 0;
  const agent = async () => {
    turns += 1;
    started.resolve();
    await go.promise;
    return { kind: 'success' as const, text: '', result: { status: 'done' as const, summary: 'made' } };
  };
  await using rig = await Rig.open({
    tasks: [task('a', { workflow: 'standard' }), task('b')],
    agent,
    maxAgents: 1,
    config: { lease: { leaseMs: 60_000, heartbeatMs: 20, storeGraceMs: 60_000 } },
  });
  const run = rig.run();
  await started.promise;
  await rig.store.dismiss('orc_1', 'ann');
  await rig.beaten('orc_1');
  go.resolve();
  assert.deepEqual(await run, { kind: 'stopped', by: 'ann' });
  assert.equal(turns, 1);
  assert.deepEqual(await rig.states(), { a: 'pending', b: 'pending' });
  const [released] = await rig.events('task.released');
  assert.ok(released?.type === 'task.released' && released.role === 'reviewer');
  assert.deepEqual(rig.repo.snapshots, ['a']);
});
