import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { did, type FakeTurn } from '../support/fake-backend.ts';
import { Rig, task } from './rig.ts';

/** An agent that works until it is stopped. */
async function untilStopped({ signal }: FakeTurn) {
  if (!signal.aborted) await once(signal, 'abort');
  return { kind: 'killed' as const, reason: 'stopped', byUs: true };
}

test('S3-62 S3-68 a stop makes the work safe and gives the task back; the next run goes on in its session', async () => {
  const started = Promise.withResolvers<void>();
  let runs = 0;
  const agent = (turn: FakeTurn) => {
    runs += 1;
    if (runs > 1) return did('made');
    started.resolve();
    return untilStopped(turn);
  };
  await using rig = await Rig.open({ tasks: [task('a')], agent });
  const stop = new AbortController();
  const first = rig.run(stop.signal);
  await started.promise;
  stop.abort();
  assert.deepEqual(await first, { kind: 'stopped' });
  assert.deepEqual(await rig.states(), { a: 'pending' });
  assert.deepEqual(rig.repo.snapshots.length > 0, true);
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(await rig.states(), { a: 'done' });
  assert.deepEqual(
    rig.backend.turns.map(({ session }) => session),
    [undefined, 's1'],
  );
  assert.equal((await rig.store.task(task('a').id))?.failures, 0);
});

test('S3-52 after a crash done tasks stay done and the running one is resumed with its session', async () => {
  const hangs = Promise.withResolvers<void>();
  let crash = true;
  const agent = async (turn: FakeTurn) => {
    if (turn.task === 'b' && crash) {
      crash = false;
      hangs.resolve();
      // The process is gone: nobody ever gets an answer.
      await new Promise<never>(() => {});
    }
    return did('made');
  };
  await using rig = await Rig.open({ tasks: [task('a'), task('b', { needs: ['a'] })], agent });
  const dead = await rig.doomed();
  await hangs.promise;
  await rig.store.reclaim([dead]);
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(await rig.states(), { a: 'done', b: 'done' });
  assert.deepEqual(rig.repo.merged, ['a', 'b']);
  assert.equal(rig.backend.turns.at(-1)?.session, 's2');
});

test('a crash after the branch moved and before it was written down is completed, not merged twice', async () => {
  await using rig = await Rig.open({
    tasks: [task('a'), task('b', { needs: ['a'] })],
    agent: () => did('made'),
  });
  const moved = Promise.withResolvers<void>();
  const { advance } = rig.repo.integration;
  let crash = true;
  Object.assign(rig.repo.integration, {
    advance: async (...args: Parameters<typeof advance>) => {
      const result = await advance(...args);
      if (!crash) return result;
      crash = false;
      moved.resolve();
      return await new Promise<never>(() => {});
    },
  });
  const dead = await rig.doomed();
  await moved.promise;
  await rig.store.reclaim([dead]);
  await rig.run();
  assert.deepEqual(await rig.states(), { a: 'done', b: 'done' });
  assert.deepEqual(rig.repo.merged, ['a', 'b']);
  const done = await rig.events('merge.done');
  assert.deepEqual(
    done.map((event) => event.type === 'merge.done' && [event.task, event.recovered]),
    [
      ['a', true],
      ['b', false],
    ],
  );
});

test('a crash after the intent and before the branch moved is merged by the next run, once', async () => {
  await using rig = await Rig.open({ tasks: [task('a')], agent: () => did('made') });
  const intended = Promise.withResolvers<void>();
  const { advance } = rig.repo.integration;
  let crash = true;
  Object.assign(rig.repo.integration, {
    advance: async (...args: Parameters<typeof advance>) => {
      if (!crash) return await advance(...args);
      crash = false;
      intended.resolve();
      return await new Promise<never>(() => {});
    },
  });
  const dead = await rig.doomed();
  await intended.promise;
  await rig.store.reclaim([dead]);
  await rig.run();
  assert.deepEqual(rig.repo.merged, ['a']);
  assert.deepEqual(await rig.states(), { a: 'done' });
  assert.equal(rig.backend.turns.length, 1);
});

test('a cancelled task stops its agent and keeps its work', async () => {
  const started = Promise.withResolvers<void>();
  const agent = (turn: FakeTurn) => {
    if (turn.task !== 'a') return did('made');
    started.resolve();
    return untilStopped(turn);
  };
  await using rig = await Rig.open({ tasks: [task('a'), task('b')], agent });
  const run = rig.run();
  await started.promise;
  await rig.store.command(task('a').id, ({ id }) => [{ type: 'task.cancelled', task: id, by: 'me' }]);
  assert.deepEqual(await run, { kind: 'finished' });
  assert.deepEqual(await rig.states(), { a: 'cancelled', b: 'done' });
  assert.ok(rig.repo.snapshots.includes('a'));
  assert.ok(!rig.repo.released.includes('a'));
});

test('S1-62 a question waits for a person and the answer reaches the same session', async () => {
  let asked = false;
  const agent = () => {
    if (asked) return did('made');
    asked = true;
    const questions = [{ id: 'q1', question: 'Red or blue?', options: ['red', 'blue'] }];
    return { kind: 'success' as const, text: '', result: { status: 'questions' as const, questions } };
  };
  await using rig = await Rig.open({ tasks: [task('a')], agent });
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  await rig.store.command(task('a').id, ({ id }) => [
    { type: 'task.answered', task: id, question: 'q1', answer: 'blue', by: 'me' },
  ]);
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(await rig.states(), { a: 'done' });
  assert.equal(rig.backend.turns[1]?.session, 's1');
  assert.match(rig.backend.turns[1]?.prompt ?? '', /Red or blue\?[\s\S]*blue/);
});

test('an attempt that outlives its limit is stopped and counts as a failure', async () => {
  await using rig = await Rig.open({
    tasks: [task('a', { timeoutMs: 20, maxAttempts: 2 })],
    agent: untilStopped,
  });
  await rig.run();
  const failed = await rig.store.task(task('a').id);
  assert.equal(failed?.state, 'failed');
  assert.match(failed?.reason ?? '', /20 ms/);
  assert.equal(rig.backend.turns.length, 2);
});

test('S0-58 an attempt whose fence git refuses stops, says what was refused, and takes nothing with it', async () => {
  let overtaken = false;
  const agent = async ({ task: id }: FakeTurn) => {
    if (!overtaken) await rig.repo.workspaces.raiseFence({ task: task(id).id, fence: 99 });
    overtaken = true;
    return did('made');
  };
  await using rig = await Rig.open({ tasks: [task('a')], agent });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  const refused = (await rig.events('write.refused')).flatMap((event) =>
    event.type === 'write.refused' ? [[event.fence, event.heldFence, event.facts]] : [],
  );
  assert.deepEqual(refused, [[1, 99, ['refs']]]);
  assert.deepEqual(await rig.states(), { a: 'done' });
  assert.equal(rig.backend.turns.length, 2);
});

async function claimedTasks(rig: Rig): Promise<string[]> {
  return (await rig.events('task.claimed')).flatMap((event) => ('task' in event ? [event.task ?? ''] : []));
}

test('S3-51 a task that is taken away and comes back is begun again only when its first agent has stopped', async () => {
  const [started, mayEnd, others] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ];
  const agent = async (turn: FakeTurn) => {
    if (turn.task === 'b') others.resolve();
    if (turn.task === 'b' || turn.attempt > 1) return did('made');
    started.resolve();
    const killed = await untilStopped(turn);
    await mayEnd.promise;
    return killed;
  };
  await using rig = await Rig.open({ tasks: [task('a')], agent, maxAgents: 3 });
  const run = rig.run();
  await started.promise;
  await rig.store.command(task('a').id, ({ id }) => [{ type: 'task.cancelled', task: id, by: 'me' }]);
  await rig.store.command(task('a').id, ({ id }) => [{ type: 'task.reset', task: id, by: 'me' }]);
  await rig.store.addTask(task('b'), 'me');
  await others.promise;
  assert.deepEqual(await claimedTasks(rig), ['a', 'b']);
  mayEnd.resolve();
  assert.deepEqual(await run, { kind: 'finished' });
  assert.deepEqual(
    rig.backend.turns.map(({ task: id, attempt }) => `${id}${attempt}`),
    ['a1', 'b1', 'a2'],
  );
  assert.deepEqual(await rig.states(), { a: 'done', b: 'done' });
});

test('an attempt that breaks after its task was cancelled takes nothing with it', async () => {
  const onOpen = async (id: string) => {
    if (id !== 'a') return;
    await rig.store.command(task('a').id, (it) => [{ type: 'task.cancelled', task: it.id, by: 'me' }]);
    throw new Error('There is no room for a worktree');
  };
  await using rig = await Rig.open({
    tasks: [task('a'), task('b')],
    agent: () => did('made'),
    repo: { onOpen },
  });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(await rig.states(), { a: 'cancelled', b: 'done' });
});

test('a stopped attempt whose work cannot be committed is given back all the same, with the reason', async () => {
  const started = Promise.withResolvers<void>();
  const agent = (turn: FakeTurn) => {
    started.resolve();
    return untilStopped(turn);
  };
  await using rig = await Rig.open({ tasks: [task('a')], agent });
  const stop = new AbortController();
  const run = rig.run(stop.signal);
  await started.promise;
  Object.assign(rig.repo.workspaces, {
    snapshot: async () => {
      throw new Error('the worktree is gone');
    },
  });
  stop.abort();
  assert.deepEqual(await run, { kind: 'stopped' });
  const given = await rig.store.task(task('a').id);
  assert.equal(given?.state, 'pending');
  assert.match(given?.reason ?? '', /the worktree is gone/);
});
