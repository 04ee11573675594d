import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  Attempt,
  claimOne,
  commit,
  type Databases,
  finish,
  id,
  LEASE_MS,
  planOf,
  projectOf,
  ready,
  SOURCE,
  states,
  typesSince,
} from './store-kit.ts';

export function attemptContract(databases: Databases): void {
  describe('append', () => {
    test('an attempt leaves its steps, session, usage and process in the store', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const process = { pid: 4242, startTime: '777', bootId: 'boot' };
      const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 2, costUsd: 0.25 };
      const totals = { inputTokens: 30, outputTokens: 15, cachedTokens: 6, costUsd: 0.75 };
      const conversation = { step: 1, agent: 'coder', provider: 'fake' };
      await a.tell(a.stepStarted(1));
      await a.tell({ type: 'agent.started', ...a.about, step: 1, process, sandbox: 'off', resumed: false });
      assert.deepEqual(await store.processes(), [{ task: 'a', owner: 'orc_test', process }]);
      await a.tell(
        { type: 'agent.session', ...a.about, ...conversation, session: 's-1' },
        { type: 'agent.output', ...a.about, step: 1, lines: ['hello'], dropped: 0 },
        { type: 'agent.usage', ...a.about, ...conversation, usage, totals },
        { type: 'agent.usage', ...a.about, ...conversation, usage, totals },
        { type: 'agent.retrying', ...a.about, step: 1, reason: 'busy', delayMs: 5 },
        { type: 'task.snapshotted', ...a.about, commit: commit('c'), files: 2 },
        a.stepFinished(1),
      );
      const [step, ...others] = await store.steps(id('a'));
      assert.equal(others.length, 0);
      assert.deepEqual(
        { ...step, startedAt: 0, finishedAt: 0 },
        {
          task: 'a',
          attempt: 1,
          step: 1,
          index: 0,
          agent: 'coder',
          round: 1,
          kind: 'work',
          provider: 'fake',
          state: 'finished',
          outcome: 'success',
          verdict: 'done',
          summary: 'step 1 is made',
          session: 's-1',
          process,
          costUsd: 0.5,
          startedAt: 0,
          finishedAt: 0,
        },
      );
      assert.ok((step?.startedAt ?? 0) > 0 && (step?.finishedAt ?? 0) >= (step?.startedAt ?? 0));
      assert.deepEqual(await store.sessions(id('a')), [
        { task: 'a', agent: 'coder', provider: 'fake', session: 's-1', totals },
      ]);
      const task = await store.task(id('a'));
      assert.deepEqual(
        [task?.costUsd, task?.inputTokens, task?.outputTokens, task?.head, task?.branch, task?.worktree],
        [0.5, 20, 10, commit('c'), 'cw/a', '/worktrees/a'],
      );
      assert.equal(task?.base, commit('b'));
      assert.deepEqual(await store.processes(), []);
      assert.equal((await store.counts()).costUsd, 0.5);
    });

    test('a new session of a role replaces the old one, and its totals begin at zero', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const totals = { inputTokens: 3, outputTokens: 2, cachedTokens: 1, costUsd: 0.1 };
      const session = (name: string) =>
        ({
          type: 'agent.session',
          ...a.about,
          step: 1,
          agent: 'coder',
          provider: 'fake',
          session: name,
        }) as const;
      await a.tell(session('one'), {
        type: 'agent.usage',
        ...a.about,
        step: 1,
        agent: 'coder',
        provider: 'fake',
        usage: totals,
        totals,
      });
      await a.tell(session('one'));
      assert.deepEqual((await store.sessions(id('a')))[0]?.totals, totals);
      await a.tell(session('two'));
      const [found] = await store.sessions(id('a'));
      assert.equal(found?.session, 'two');
      assert.equal(found?.totals.costUsd, 0);
    });

    test('done frees the lease and keeps the summary', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      await finish(store, 'a');
      const task = await store.task(id('a'));
      assert.equal(task?.state, 'done');
      assert.equal(task?.summary, 'a is made');
      assert.deepEqual([task?.owner, task?.leaseUntil, task?.reason], [undefined, undefined, undefined]);
      assert.ok((task?.finishedAt ?? 0) >= (task?.startedAt ?? Number.POSITIVE_INFINITY));
    });

    test('a retry waits for its time and counts the failure; the steps it left open are closed', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      const first = await Attempt.start(store, 'a');
      await first.tell(first.stepStarted(1));
      await first.tell({
        type: 'task.retried',
        ...first.about,
        outcome: 'transient',
        reason: 'the line broke\nlong story',
        retryAt: 5_000,
        failures: 1,
      });
      const task = await store.task(id('a'));
      assert.deepEqual(
        [task?.state, task?.failures, task?.notBefore, task?.reason, task?.owner],
        ['pending', 1, 5_000, 'the line broke', undefined],
      );
      assert.deepEqual(
        (await store.steps(id('a'))).map((step) => [step.state, step.outcome]),
        [['finished', 'killed']],
      );
      const second = await Attempt.start(store, 'a');
      assert.deepEqual([second.claim.attempt, second.claim.fence], [2, 2]);
      const again = await store.task(id('a'));
      assert.deepEqual([again?.notBefore, again?.reason, again?.failures], [undefined, undefined, 1]);
    });

    test('a released task is ready again and no failure is counted', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      await a.tell({ type: 'task.released', ...a.about, reason: 'stopped', role: 'reviewer' });
      const task = await store.task(id('a'));
      assert.deepEqual(
        [task?.state, task?.failures, task?.notBefore, task?.reason, task?.owner],
        ['pending', 0, undefined, 'stopped', undefined],
      );
      const roles: (string | undefined)[] = [];
      await store.claim({
        orchestrator: 'orc_x',
        freeSlots: 1,
        leaseMs: LEASE_MS,
        decide: ({ ready }) => {
          roles.push(...ready.map(({ role }) => role));
          return { claims: [], wakeAt: undefined };
        },
      });
      assert.deepEqual(roles, ['reviewer']);
    });

    test('a merge goes from queued to merged, and its intent is kept until it is settled', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const merge = async () => (await store.merges()).map((record) => [record.task, record.state]);
      await a.tell({
        type: 'merge.queued',
        ...a.about,
        head: commit('1'),
        files: 1,
        insertions: 2,
        deletions: 0,
      });
      assert.equal((await store.task(id('a')))?.state, 'merging');
      assert.deepEqual(await merge(), [['a', 'queued']]);
      await a.tell({
        type: 'merge.started',
        ...a.about,
        head: commit('1'),
        onto: commit('2'),
        strategy: 'merge',
      });
      assert.deepEqual(await merge(), [['a', 'merging']]);
      await a.tell({
        type: 'merge.conflicted',
        ...a.about,
        files: ['x'],
        others: [id('b')],
        bounce: 1,
      });
      const bounced = await store.task(id('a'));
      assert.deepEqual([bounced?.state, bounced?.bounces], ['running', 1]);
      assert.deepEqual(await merge(), [['a', 'conflicted']]);

      await a.tell(
        { type: 'merge.queued', ...a.about, head: commit('3'), files: 1, insertions: 2, deletions: 0 },
        {
          type: 'merge.verify_failed',
          ...a.about,
          command: 'test',
          exitCode: 1,
          output: 'no',
          bounce: 2,
        },
        { type: 'merge.queued', ...a.about, head: commit('3'), files: 1, insertions: 2, deletions: 0 },
        {
          type: 'merge.verified',
          ...a.about,
          command: 'test',
          tree: commit('4'),
          durationMs: 3,
        },
        {
          type: 'merge.intended',
          ...a.about,
          branch: 'cw/integration',
          expected: commit('2'),
          commit: commit('5'),
        },
      );
      const intended = await store.task(id('a'));
      assert.equal(intended?.bounces, 2);
      assert.deepEqual(intended?.intent, {
        branch: 'cw/integration',
        expected: commit('2'),
        commit: commit('5'),
      });
      await a.tell(
        {
          type: 'merge.done',
          ...a.about,
          branch: 'cw/integration',
          commit: commit('5'),
          strategy: 'squash',
          recovered: false,
        },
        { type: 'task.done', ...a.about, commit: commit('5'), summary: 'made' },
      );
      const [record] = await store.merges();
      assert.deepEqual(
        { ...record, at: 0 },
        {
          task: 'a',
          title: 'Title of a',
          state: 'merged',
          head: commit('3'),
          commit: commit('5'),
          strategy: 'squash',
          bounces: 2,
          at: 0,
        },
      );
      const task = await store.task(id('a'));
      assert.deepEqual(
        [task?.state, task?.intent, task?.mergeCommit, task?.mergeStrategy],
        ['done', undefined, commit('5'), 'squash'],
      );
    });

    test('a merge that was interrupted leaves the queue with its task', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      await a.tell(
        { type: 'merge.queued', ...a.about, head: commit('1'), files: 1, insertions: 1, deletions: 0 },
        { type: 'task.released', ...a.about, reason: 'stopped' },
      );
      assert.deepEqual(await store.merges(), []);
      assert.deepEqual(await states(store), { a: 'pending' });
    });

    test('S0-58 what comes with an old lease is refused, and the refusal is logged with both fences', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      const sleeper = new Attempt(store, await claimOne(store, 'a', { orchestrator: 'orc_old', leaseMs: 0 }));
      assert.deepEqual(await store.reclaim([]), ['a']);
      const before = await store.task(id('a'));
      const head = await store.head();
      assert.deepEqual(await sleeper.try(sleeper.started(), sleeper.done()), {
        kind: 'lease-lost',
        heldFence: 1,
      });
      assert.deepEqual(await store.task(id('a')), before);

      const heir = new Attempt(store, await claimOne(store, 'a', { orchestrator: 'orc_new' }));
      assert.deepEqual(await sleeper.try(sleeper.done()), { kind: 'lease-lost', heldFence: 2 });
      // The fence alone decides, also where the number of the attempt is right.
      const stolen = { ...heir.claim, fence: sleeper.claim.fence };
      assert.equal((await store.append(stolen, [heir.done('stolen')])).kind, 'lease-lost');
      await heir.tell(heir.started(), heir.done('by the heir'));
      assert.deepEqual(await sleeper.try(sleeper.done()), { kind: 'lease-lost', heldFence: 2 });
      assert.equal((await store.task(id('a')))?.summary, 'by the heir');

      const refusals = (await store.events(head)).filter((event) => event.type === 'write.refused');
      assert.deepEqual(
        refusals.map((each) => each.type === 'write.refused' && [each.attempt, each.fence, each.heldFence]),
        [
          [1, 1, 1],
          [1, 1, 2],
          [2, 1, 2],
          [1, 1, 2],
        ],
      );
      assert.ok(refusals[0]?.type === 'write.refused');
      assert.deepEqual(refusals[0].facts, ['task.started', 'task.done']);
    });

    test('a task that nobody knows has no lease', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      const outcome = await store.append({ task: id('ghost'), attempt: 1, fence: 1 }, []);
      assert.deepEqual(outcome, { kind: 'lease-lost', heldFence: undefined });
    });

    test('an illegal move undoes the state and the events of its transaction', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: { needs: ['a'] } }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const before = [await store.tasks(), await store.head(), await store.steps(id('a'))];
      await assert.rejects(
        a.try(a.stepStarted(1), a.done(), a.started()),
        /may not move from done to running/,
      );
      assert.deepEqual([await store.tasks(), await store.head(), await store.steps(id('a'))], before);
      assert.deepEqual(await ready(store), []);
    });

    test('one bad write does not undo those that share its commit', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {}, c: {} }), SOURCE);
      const [a, b, c] = [
        await Attempt.start(store, 'a'),
        await Attempt.start(store, 'b'),
        await Attempt.start(store, 'c'),
      ];
      const head = await store.head();
      const results = await Promise.allSettled([
        a.tell(a.done()),
        b.tell(b.stepStarted(1), b.done(), b.started()),
        c.tell(c.done()),
      ]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      assert.deepEqual(await states(store), { a: 'done', b: 'running', c: 'done' });
      assert.deepEqual(await typesSince(store, head), ['task.done', 'task.done']);
      assert.deepEqual(await store.steps(id('b')), []);
    });

    test('a bad write that joins a transaction under way undoes nothing but itself', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {}, c: {} }), SOURCE);
      const [a, b] = [await Attempt.start(store, 'a'), await Attempt.start(store, 'b')];
      const late: Promise<unknown>[] = [];
      const cancelled = await store.command(id('c'), (task) => {
        // It may be asked again, when what joined it is undone.
        if (late.length === 0) late.push(b.tell(b.stepStarted(1), b.done(), b.started()), a.tell(a.done()));
        return [{ type: 'task.cancelled', task: task.id, by: 'test' }];
      });
      assert.equal(cancelled.kind, 'recorded');
      assert.deepEqual(
        (await Promise.allSettled(late)).map(({ status }) => status),
        ['rejected', 'fulfilled'],
      );
      assert.deepEqual(await states(store), { a: 'done', b: 'running', c: 'cancelled' });
      assert.deepEqual(await store.steps(id('b')), []);
    });

    test('a fact of another task or attempt is refused', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      await assert.rejects(store.append(a.claim, [{ ...a.done(), task: id('b') }]), /came to a/);
      await assert.rejects(store.append(a.claim, [{ ...a.done(), attempt: 7 }]), /attempt 7/);
      assert.deepEqual(await states(store), { a: 'running', b: 'pending' });
    });

    test('predecessors are finished tasks it waited for, directly or through a gate', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(
        planOf({ a: {}, b: {}, other: {}, open: {}, c: { needs: ['a', 'gate:g', 'open'] } }, { g: ['b'] }),
        SOURCE,
      );
      for (const name of ['a', 'b', 'other']) await finish(store, name);
      const found = await store.predecessors(id('c'));
      assert.deepEqual(
        found.toSorted((x, y) => x.id.localeCompare(y.id)),
        [
          { id: 'a', title: 'Title of a', summary: 'a is made' },
          { id: 'b', title: 'Title of b', summary: 'b is made' },
        ],
      );
    });
  });
}
