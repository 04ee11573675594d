import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decide } from '../../src/core/dispatch/decide.ts';
import type { AccountStanding } from '../../src/core/resilience/breaker.ts';
import type { DispatchSnapshot, Store } from '../../src/core/tasks/ports.ts';
import {
  Attempt,
  claimAny,
  claimOne,
  type Databases,
  finish,
  id,
  LEASE_MS,
  planOf,
  projectOf,
  SOURCE,
} from './store-kit.ts';

export function claimContract(databases: Databases): void {
  describe('claim', () => {
    test('ready tasks are shown by priority, then longest chain, then roadmap order', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(
        planOf({
          late: { priority: 25 },
          first: { priority: 100, chain: 1 },
          long: { priority: 50, chain: 3 },
          short: { priority: 50, chain: 1 },
          shorter: { priority: 50, chain: 1 },
          waits: { priority: 100, needs: ['first'] },
        }),
        SOURCE,
      );
      const claims = await claimAny(store, 9);
      assert.deepEqual(
        claims.map(({ task }) => task),
        ['first', 'long', 'short', 'shorter', 'late'],
      );
    });

    test('S0-37 a claim writes owner, start, lease, fence and attempt, and its event', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: { prompt: 'Make it' } }), SOURCE);
      const claim = await claimOne(store, 'a', { orchestrator: 'orc_one' });
      assert.equal(claim.definition.prompt, 'Make it');
      assert.deepEqual([claim.attempt, claim.fence], [1, 1]);
      const task = await store.task(id('a'));
      assert.equal(task?.state, 'claimed');
      assert.equal(task?.owner, 'orc_one');
      assert.equal(task?.leaseUntil, claim.leaseUntil);
      assert.ok(task?.startedAt !== undefined && claim.leaseUntil >= task.startedAt + LEASE_MS);
      assert.deepEqual([task?.attempts, task?.fence], [1, 1]);
      assert.deepEqual(claim.claimed, task, 'the claim brings the task as it is stored');
      const event = (await store.events(0)).at(-1);
      assert.deepEqual(
        { ...event, at: 0 },
        {
          seq: 2,
          at: 0,
          type: 'task.claimed',
          task: 'a',
          attempt: 1,
          fence: 1,
          orchestrator: 'orc_one',
        },
      );
    });

    test('a claim sees what was written before it was asked for, also when that write is still under way', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: { needs: ['a'] }, c: { needs: ['b'] } }), SOURCE);
      const first = new Attempt(store, await claimOne(store, 'a'));
      const done = first.tell(first.done());
      const [second] = await claimAny(store, 1);
      assert.equal(second?.task, 'b');
      await done;
      const stale = { ...second, fence: 99 };
      const [refused, next] = await Promise.all([
        store.append(stale, [new Attempt(store, stale).done()]),
        claimAny(store, 1),
      ]);
      assert.deepEqual([refused.kind, next], ['lease-lost', []], 'a refused end makes nothing ready');
    });

    test('S0-36 S0-38 handles that claim at the same time get each task once, and nobody an error', async (t) => {
      const { open } = await projectOf(databases, t);
      const stores = await Promise.all([open(), open(), open()]);
      const ids = Array.from({ length: 60 }, (_, index) => `t${index}`);
      await (stores[0] as Store).sync(planOf(Object.fromEntries(ids.map((name) => [name, {}]))), SOURCE);
      const claimed = await Promise.all(
        stores.map(async (store, index) => {
          const mine: string[] = [];
          for (;;) {
            const claims = await claimAny(store, 2, { orchestrator: `orc_${index}` });
            if (claims.length === 0) return mine;
            mine.push(...claims.map(({ task }) => task));
          }
        }),
      );
      assert.deepEqual(claimed.flat().sort(), ids.toSorted());
      for (const task of await (stores[0] as Store).tasks()) {
        assert.deepEqual([task.state, task.attempts, task.fence], ['claimed', 1, 1]);
      }
    });

    test('S3-25 tasks with overlapping files are never in work together, whoever claims', async (t) => {
      const { open } = await projectOf(databases, t);
      const stores = await Promise.all([open(), open()]);
      const [store] = stores as [Store, Store];
      const files = (index: number) => ({ files: [`src/${index % 3}/**`] });
      await store.sync(
        planOf(Object.fromEntries(Array.from({ length: 24 }, (_, index) => [`t${index}`, files(index)]))),
        SOURCE,
      );
      let most = 0;
      for (let done = 0; done < 24; ) {
        const rounds = await Promise.all(
          stores.map((each, index) => claimAny(each, 4, { orchestrator: `orc_${index}` })),
        );
        const active = await store.tasks({ states: ['claimed'] });
        const locks = active.map((task) => task.definition.files.join());
        assert.equal(new Set(locks).size, locks.length, `claimed together: ${locks}`);
        most = Math.max(most, active.length);
        for (const claim of rounds.flat()) {
          const attempt = new Attempt(store, claim);
          await attempt.tell(attempt.done());
          done += 1;
        }
      }
      assert.equal(most, 3);
    });

    test('ready tasks that wait for a lock do not hide those behind them', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      const locked = Object.fromEntries(
        Array.from({ length: 500 }, (_, index) => [`l${index}`, { files: ['one.ts'] }]),
      );
      await store.sync(planOf({ ...locked, free: { files: ['two.ts'] }, alsoFree: {} }), SOURCE);
      const claims = await claimAny(store, 3);
      assert.deepEqual(
        claims.map(({ task }) => task),
        ['l0', 'free', 'alsoFree'],
      );
    });

    test('decide sees what is active, how accounts stand, and times that have not come', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(
        planOf({ a: { files: ['a.ts'] }, b: { agent: 'coder' }, c: { workflow: 'w' } }),
        SOURCE,
      );
      await claimOne(store, 'a');
      const b = await Attempt.start(store, 'b');
      const retryAt = Date.now() + 3_600_000;
      await b.tell({
        type: 'task.retried',
        ...b.about,
        outcome: 'transient',
        reason: 'again',
        retryAt,
        failures: 1,
      });
      const standing: AccountStanding = {
        account: 'claude',
        failures: 2,
        opens: 1,
        cause: 'failing',
        until: retryAt,
        reason: 'down',
        trial: undefined,
      };
      await store.changeAccount('claude', () => ({ standing, events: [] }));
      await store.changeAccount('codex', (before) => ({ standing: { ...before, opens: 0 }, events: [] }));
      const seen: DispatchSnapshot[] = [];
      const { claims, wakeInMs } = await store.claim({
        orchestrator: 'orc_x',
        freeSlots: 5,
        leaseMs: LEASE_MS,
        decide: (snapshot) => {
          seen.push(snapshot);
          return decide(snapshot, { accountsOf: () => [] });
        },
      });
      const [snapshot] = seen;
      assert.deepEqual(snapshot?.active, [{ id: 'a', files: ['a.ts'] }]);
      assert.deepEqual(snapshot?.accounts, { claude: standing });
      assert.equal(snapshot?.freeSlots, 5);
      assert.ok(Math.abs((snapshot?.now ?? 0) - Date.now()) < 60_000);
      assert.deepEqual(
        snapshot?.ready.map((task) => [task.id, task.notBefore, task.agent, task.workflow]),
        [
          ['b', retryAt, 'coder', undefined],
          ['c', undefined, undefined, 'w'],
        ],
      );
      assert.deepEqual(
        claims.map(({ task }) => task),
        ['c'],
      );
      assert.equal(wakeInMs, retryAt - (snapshot?.now ?? 0));
    });

    test('it says whether anybody holds a task', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      assert.equal(await store.isAnyActive(), false);
      const [claim] = await claimAny(store);
      assert.equal(await store.isAnyActive(), true);
      assert.ok(claim);
      await store.append(claim, [
        { type: 'task.released', task: claim.task, attempt: claim.attempt, reason: 'stopped' },
      ]);
      assert.equal(await store.isAnyActive(), false);
    });

    test('without a free slot nothing is read or claimed', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      const result = await store.claim({
        orchestrator: 'orc_x',
        freeSlots: 0,
        leaseMs: LEASE_MS,
        decide: () => assert.fail('there is nothing to decide'),
      });
      assert.deepEqual(result, { claims: [], wakeInMs: undefined });
    });

    test('choosing a task that is not ready is refused as a whole', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: { needs: ['a'] } }), SOURCE);
      const head = await store.head();
      await assert.rejects(
        store.claim({
          orchestrator: 'orc_x',
          freeSlots: 2,
          leaseMs: LEASE_MS,
          decide: () => ({ claims: [id('a'), id('b')], wakeAt: undefined }),
        }),
        /b, which is not ready/,
      );
      assert.equal((await store.task(id('a')))?.state, 'pending');
      assert.equal(await store.head(), head);
    });

    test('S3-23 S3-24 S2-38 a task is ready once everything it needs is done, and not before', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(
        planOf({ a: {}, b: {}, c: { needs: ['a', 'b'] }, d: { needs: ['gate:g', 'a'] } }, { g: ['b', 'c'] }),
        SOURCE,
      );
      const names = async () => {
        const { ready: count } = await store.counts();
        const claims = await claimAny(store, 9);
        assert.equal(claims.length, count);
        for (const claim of claims) {
          const attempt = new Attempt(store, claim);
          await attempt.tell({ type: 'task.released', ...attempt.about, reason: 'only looked' });
        }
        return claims.map(({ task }) => task);
      };
      assert.deepEqual(await names(), ['a', 'b']);
      await finish(store, 'a');
      assert.deepEqual(await names(), ['b']);
      await finish(store, 'b');
      assert.deepEqual(await names(), ['c']);
      await finish(store, 'c');
      assert.deepEqual(await names(), ['d']);
    });
  });
}
