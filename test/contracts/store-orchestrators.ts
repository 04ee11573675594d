import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Store } from '../../src/core/tasks/ports.ts';
import {
  Attempt,
  claimOne,
  type Databases,
  id,
  LEASE_MS,
  planOf,
  projectOf,
  ready,
  SOURCE,
  states,
  typesSince,
} from './store-kit.ts';

const register = (store: Store, name: string, pid = 1) =>
  store.register({
    id: name,
    host: 'here',
    process: { pid, startTime: '1', bootId: 'boot' },
    version: '1.2.3',
    maxAgents: 4,
  });

export function orchestratorContract(databases: Databases): void {
  describe('orchestrators', () => {
    test('S0-39 S0-40 every orchestrator is listed with its heartbeat and its agents', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {}, c: {} }), SOURCE);
      const head = await store.head();
      await register(store, 'orc_one', 11);
      await register(store, 'orc_two', 12);
      const a = await claimOne(store, 'a', { orchestrator: 'orc_one' });
      await Attempt.start(store, 'b', { orchestrator: 'orc_one' });
      const listed = await store.orchestrators();
      assert.deepEqual(
        listed.map((each) => [each.id, each.agents, each.maxAgents, each.host, each.version, each.process]),
        [
          ['orc_one', 0, 4, 'here', '1.2.3', { pid: 11, startTime: '1', bootId: 'boot' }],
          ['orc_two', 0, 4, 'here', '1.2.3', { pid: 12, startTime: '1', bootId: 'boot' }],
        ],
      );
      const before = await store.task(id('a'));
      const beat = await store.heartbeat('orc_one', { leases: [a], names: [], leaseMs: 2 * LEASE_MS });
      assert.deepEqual(beat, { lostTasks: [], lostNames: [], stopBy: undefined });
      assert.ok(((await store.task(id('a')))?.leaseUntil ?? 0) > (before?.leaseUntil ?? 0));
      const [one] = await store.orchestrators();
      assert.ok((one?.lastHeartbeat ?? 0) >= (one?.startedAt ?? Number.POSITIVE_INFINITY));
      assert.deepEqual([one?.agents, one?.isLost, one?.stopBy], [1, false, undefined]);
      assert.ok((one?.leaseLeftMs ?? 0) > LEASE_MS && (one?.silentMs ?? LEASE_MS) < LEASE_MS);
      assert.deepEqual((await typesSince(store, head)).slice(0, 2), [
        'orchestrator.started',
        'orchestrator.started',
      ]);
    });

    test('S0-41 S3-68 tasks of a silent orchestrator go back with their sessions', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {}, c: {} }), SOURCE);
      await register(store, 'orc_silent');
      await register(store, 'orc_alive');
      const a = await Attempt.start(store, 'a', { orchestrator: 'orc_silent' });
      const process = { pid: 4242, startTime: '7', bootId: 'boot' };
      await a.tell(
        a.stepStarted(1),
        { type: 'agent.started', ...a.about, step: 1, process, sandbox: 'off', resumed: false },
        { type: 'agent.session', ...a.about, step: 1, agent: 'coder', provider: 'fake', session: 's-1' },
      );
      await claimOne(store, 'b', { orchestrator: 'orc_alive' });
      assert.deepEqual(await store.reclaim([]), []);

      await store.heartbeat('orc_silent', { leases: [a.claim], names: [], leaseMs: 0 });
      const head = await store.head();
      assert.deepEqual(await store.reclaim([]), ['a']);
      assert.deepEqual(await typesSince(store, head), ['orchestrator.lost', 'task.released']);
      const task = await store.task(id('a'));
      assert.deepEqual(
        [task?.state, task?.owner, task?.failures, task?.reason],
        ['pending', undefined, 0, 'orchestrator orc_silent was lost'],
      );
      assert.equal((await store.sessions(id('a')))[0]?.session, 's-1');
      // Nobody has stopped it: whoever sweeps that machine must still find it.
      assert.deepEqual(await store.processes(), [{ task: 'a', owner: undefined, process }]);
      assert.deepEqual(
        (await store.orchestrators()).map((each) => each.id),
        ['orc_alive'],
      );
      assert.deepEqual(await states(store), { a: 'pending', b: 'claimed', c: 'pending' });
      assert.deepEqual(await store.reclaim([]), []);

      const { lostTasks } = await store.heartbeat('orc_silent', {
        leases: [a.claim],
        names: [],
        leaseMs: LEASE_MS,
      });
      assert.equal(lostTasks.length, 1);
      assert.equal((await store.orchestrators()).length, 2);
    });

    test('S2-57 the processes of a lost attempt are listed until a later one has ended', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      await register(store, 'orc_dead');
      const lost = await Attempt.start(store, 'a', { orchestrator: 'orc_dead' });
      const process = { pid: 4242, startTime: '7', bootId: 'boot' };
      await lost.tell(lost.stepStarted(1), {
        type: 'agent.started',
        ...lost.about,
        step: 1,
        process,
        sandbox: 'off',
        resumed: false,
      });
      await store.reclaim(['orc_dead']);
      assert.equal((await store.processes()).length, 1);
      await register(store, 'orc_heir');
      const next = await Attempt.start(store, 'a', { orchestrator: 'orc_heir' });
      assert.equal((await store.processes()).length, 1);
      await next.tell({ type: 'task.failed', ...next.about, outcome: 'permanent', reason: 'no' });
      assert.deepEqual(await store.processes(), []);
      assert.equal((await store.steps(id('a')))[0]?.outcome, 'killed');
    });

    test('an attempt whose own lease ran out is given back though its orchestrator lives', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      await register(store, 'orc_one');
      await claimOne(store, 'a', { orchestrator: 'orc_one', leaseMs: 0 });
      await claimOne(store, 'b', { orchestrator: 'orc_one' });
      assert.deepEqual(await store.reclaim([]), ['a']);
      assert.deepEqual(await states(store), { a: 'pending', b: 'claimed' });
      assert.equal((await store.orchestrators()).length, 1);
    });

    test('what is spared keeps its tasks although its lease ran out', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      await register(store, 'orc_stopped');
      const a = await claimOne(store, 'a', { orchestrator: 'orc_stopped', leaseMs: 0 });
      await store.heartbeat('orc_stopped', { leases: [a], names: [], leaseMs: 0 });
      const [stopped] = await store.orchestrators();
      assert.deepEqual([stopped?.leaseLeftMs, stopped?.isLost], [0, false]);
      assert.deepEqual(await store.reclaim([], ['orc_stopped']), []);
      assert.deepEqual(await states(store), { a: 'claimed', b: 'pending' });
      assert.deepEqual(await store.reclaim([]), ['a']);
      assert.deepEqual(await store.orchestrators(), []);
      const [lost] = await store.orchestrators({ lost: true });
      assert.deepEqual([lost?.id, lost?.isLost], ['orc_stopped', true]);
      await store.forget(['orc_stopped']);
      assert.deepEqual(await store.orchestrators({ lost: true }), []);
    });

    test('S0-58 one that fenced itself gives back what nobody took, once, and is gone', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      await register(store, 'orc_late');
      await claimOne(store, 'a', { orchestrator: 'orc_late', leaseMs: 0 });
      await claimOne(store, 'b', { orchestrator: 'orc_late' });
      await store.acquire('merge-queue', 'orc_late', LEASE_MS);
      assert.deepEqual(await store.reclaim([]), ['a']);
      const heir = await claimOne(store, 'a', { orchestrator: 'orc_heir' });
      const head = await store.head();
      await store.fence('orc_late', { reason: 'it slept', tasks: [id('a'), id('b')] });
      const [fenced, released, ...more] = await store.events(head);
      assert.deepEqual(
        { ...fenced, at: 0 },
        {
          seq: head + 1,
          at: 0,
          type: 'orchestrator.fenced',
          orchestrator: 'orc_late',
          reason: 'it slept',
          tasks: ['a', 'b'],
        },
      );
      assert.ok(released?.type === 'task.released' && released.task === 'b' && more.length === 0);
      assert.equal((await store.task(id('a')))?.owner, 'orc_heir');
      assert.equal((await store.append(heir, [new Attempt(store, heir).started()])).kind, 'recorded');
      assert.deepEqual(await store.orchestrators({ lost: true }), []);
      assert.ok('fence' in (await store.acquire('merge-queue', 'orc_heir', LEASE_MS)));
    });

    test('one that is asked to stop learns it by its heartbeat', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await register(store, 'orc_one');
      const head = await store.head();
      assert.equal(await store.dismiss('orc_nobody', 'ann'), false);
      assert.equal(await store.dismiss('orc_one', 'ann'), true);
      assert.deepEqual(await typesSince(store, head), ['orchestrator.dismissed']);
      const { stopBy } = await store.heartbeat('orc_one', { leases: [], names: [], leaseMs: LEASE_MS });
      assert.equal(stopBy, 'ann');
      assert.equal((await store.orchestrators())[0]?.stopBy, 'ann');
    });

    test('what a dead orchestrator held goes back at once', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      await register(store, 'orc_dead');
      await claimOne(store, 'a', { orchestrator: 'orc_dead' });
      await store.acquire('merge-queue', 'orc_dead', LEASE_MS);
      assert.deepEqual(await store.reclaim(['orc_dead', 'orc_never_seen']), ['a']);
      assert.deepEqual(await ready(store), ['a', 'b']);
      assert.deepEqual(await store.acquire('merge-queue', 'orc_heir', LEASE_MS), {
        name: 'merge-queue',
        fence: 2,
      });
    });

    test('who signs off gives back what it held', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      await register(store, 'orc_one');
      await claimOne(store, 'a', { orchestrator: 'orc_one' });
      await store.acquire('merge-queue', 'orc_one', LEASE_MS);
      const head = await store.head();
      await store.deregister('orc_one', 'finished');
      assert.deepEqual(await typesSince(store, head), ['task.released', 'orchestrator.stopped']);
      assert.deepEqual(await states(store), { a: 'pending' });
      assert.deepEqual(await store.orchestrators(), []);
      assert.ok('fence' in (await store.acquire('merge-queue', 'orc_two', LEASE_MS)));
      await store.deregister('orc_one', 'twice');
      assert.deepEqual(await typesSince(store, head), ['task.released', 'orchestrator.stopped']);
    });

    test('a named lease has one owner, and its fence rises with each new one', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      const first = await store.acquire('queue', 'one', LEASE_MS);
      assert.deepEqual(first, { name: 'queue', fence: 1 });
      assert.deepEqual(await store.acquire('queue', 'one', LEASE_MS), first);
      const held = await store.acquire('queue', 'two', LEASE_MS);
      assert.ok('heldBy' in held && held.heldBy === 'one' && held.until > 0);
      assert.deepEqual(await store.acquire('other', 'two', LEASE_MS), { name: 'other', fence: 1 });

      const lease = { name: 'queue', fence: 1 };
      await store.release(lease, 'two');
      assert.ok('heldBy' in (await store.acquire('queue', 'two', LEASE_MS)));
      await store.release(lease, 'one');
      assert.deepEqual(await store.acquire('queue', 'two', 0), { name: 'queue', fence: 2 });
      // It ran out at once, so anybody may take it; the former owner is told by its heartbeat.
      assert.deepEqual(await store.acquire('queue', 'one', LEASE_MS), { name: 'queue', fence: 3 });
      const { lostNames } = await store.heartbeat('two', {
        leases: [],
        names: [{ name: 'queue', fence: 2 }],
        leaseMs: LEASE_MS,
      });
      assert.deepEqual(lostNames, [{ name: 'queue', fence: 2 }]);
      assert.deepEqual(
        await store.heartbeat('one', {
          leases: [],
          names: [{ name: 'queue', fence: 3 }],
          leaseMs: LEASE_MS,
        }),
        { lostTasks: [], lostNames: [], stopBy: undefined },
      );
    });

    test('handles that want a lease at the same time get it once', async (t) => {
      const { open } = await projectOf(databases, t);
      const stores = await Promise.all([open(), open(), open()]);
      const taken = await Promise.all(
        stores.map((store, index) => store.acquire('queue', `orc_${index}`, LEASE_MS)),
      );
      assert.equal(taken.filter((each) => 'fence' in each).length, 1);
    });
  });
}
