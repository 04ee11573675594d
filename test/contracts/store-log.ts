import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Store } from '../../src/core/tasks/ports.ts';
import { Attempt, claimAny, type Databases, finish, id, planOf, projectOf, SOURCE } from './store-kit.ts';

export function logContract(databases: Databases): void {
  describe('log', () => {
    test('events are read by number, by task and by type, as they were written', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      assert.equal(await store.head(), 0);
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const seq = await a.tell(a.done('made')); // 1 synced, 2 claimed, 3 started, 4 done
      await finish(store, 'b');
      assert.equal(seq, 4);
      assert.equal(await store.head(), 7);
      const [event] = await store.events(3, { limit: 1 });
      assert.deepEqual(
        { ...event, at: 0 },
        { seq: 4, at: 0, type: 'task.done', ...a.about, summary: 'made' },
      );
      assert.ok(Math.abs((event?.at ?? 0) - Date.now()) < 60_000);
      const numbers = async (filter: Parameters<Store['events']>[1]) =>
        (await store.events(0, filter)).map((found) => found.seq);
      assert.deepEqual(await numbers({}), [1, 2, 3, 4, 5, 6, 7]);
      assert.deepEqual(await numbers({ limit: 2 }), [1, 2]);
      assert.deepEqual(await numbers({ task: id('b') }), [5, 6, 7]);
      assert.deepEqual(await numbers({ types: ['task.done', 'task.claimed'] }), [2, 4, 5, 7]);
      assert.deepEqual(await numbers({ task: id('a'), types: ['task.done'] }), [4]);
      assert.deepEqual(await numbers({ types: [] }), []);
      assert.deepEqual(await store.events(7), []);
    });

    test('numbers have no gap and a reader that follows them misses nothing, whoever writes', async (t) => {
      const { open } = await projectOf(databases, t);
      const stores = await Promise.all([open(), open(), open()]);
      const store = stores[0] as Store;
      const ids = Array.from({ length: 45 }, (_, index) => `t${index}`);
      await store.sync(planOf(Object.fromEntries(ids.map((name) => [name, {}]))), SOURCE);
      let writing = true;
      const followed: number[] = [];
      const follow = async () => {
        const reader = await open();
        let cursor = 0;
        for (;;) {
          const last = !writing;
          const events = await reader.events(cursor, { limit: 7 });
          followed.push(...events.map(({ seq }) => seq));
          cursor = events.at(-1)?.seq ?? cursor;
          if (last && events.length === 0) return;
        }
      };
      const following = follow();
      await Promise.all(
        stores.map(async (each, index) => {
          for (;;) {
            const claims = await claimAny(each, 3, { orchestrator: `orc_${index}` });
            if (claims.length === 0) return;
            await Promise.all(
              claims.map(async (claim) => {
                const attempt = new Attempt(each, claim);
                await attempt.tell(attempt.started());
                await attempt.tell(attempt.stepStarted(1), attempt.stepFinished(1));
                await attempt.tell(attempt.done());
              }),
            );
          }
        }),
      );
      writing = false;
      await following;
      assert.equal((await store.counts()).byState.done, 45);
      const expected = Array.from({ length: 1 + 45 * 5 }, (_, index) => index + 1);
      assert.deepEqual(followed, expected);
    });

    test('a listener hears of commits by its own handle and by others', async (t) => {
      const { open } = await projectOf(databases, t);
      const [one, two] = [await open(), await open()];
      const heard = (store: Store) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        const stop = store.onChange(resolve);
        return promise.then(stop);
      };
      const both = Promise.all([heard(one), heard(two)]);
      await one.sync(planOf({ a: {} }), SOURCE);
      await both;
      const again = Promise.all([heard(one), heard(two)]);
      await two.setMeta('key', 'value');
      await two.sync(planOf({ a: {}, b: {} }), SOURCE);
      await again;
    });

    test('S2-16 S3-50 tasks, states and results outlive the handle', async (t) => {
      const { open } = await projectOf(databases, t);
      const first = await open();
      await first.sync(planOf({ a: {}, b: { needs: ['a'] } }), SOURCE);
      await finish(first, 'a');
      await Attempt.start(first, 'b');
      const before = [await first.tasks(), await first.events(0)];
      await first.close();
      const second = await open();
      assert.deepEqual([await second.tasks(), await second.events(0)], before);
      assert.equal((await second.task(id('a')))?.summary, 'a is made');
    });

    test('S0-50 S0-45 metadata outlives the handle', async (t) => {
      const { open } = await projectOf(databases, t);
      const first = await open();
      assert.equal(await first.getMeta('roadmap_hash'), undefined);
      await first.setMeta('roadmap_hash', 'one');
      await first.setMeta('roadmap_hash', 'two');
      await first.close();
      assert.equal(await (await open()).getMeta('roadmap_hash'), 'two');
    });

    test('projects in one database see only their own', async (t) => {
      const { open, project } = await projectOf(databases, t);
      const [one, two] = [await open(), await open(`${project}-other`)];
      await one.sync(planOf({ a: {}, b: { needs: ['a'] } }, { g: ['a'] }), SOURCE);
      await two.sync(planOf({ a: {} }), SOURCE);
      await finish(one, 'a');
      await one.setMeta('key', 'one');
      await one.acquire('queue', 'orc_one', 60_000);
      assert.equal((await two.task(id('a')))?.state, 'pending');
      assert.equal(await two.head(), 1);
      assert.equal(await two.getMeta('key'), undefined);
      assert.ok('fence' in (await two.acquire('queue', 'orc_two', 60_000)));
      assert.equal((await two.counts()).total, 1);
    });

    test('S0-49 tasks are read by state and by id, in roadmap order', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ c: {}, a: {}, b: {} }), SOURCE);
      await finish(store, 'c');
      await Attempt.start(store, 'b');
      const names = async (filter: Parameters<Store['tasks']>[0]) =>
        (await store.tasks(filter)).map((task) => task.id);
      assert.deepEqual(await names({}), ['c', 'a', 'b']);
      assert.deepEqual(await names({ states: ['done', 'running'] }), ['c', 'b']);
      assert.deepEqual(await names({ ids: [id('b'), id('c'), id('ghost')] }), ['c', 'b']);
      assert.deepEqual(await names({ ids: [id('b')], states: ['done'] }), []);
      assert.deepEqual(await names({ states: [] }), []);
      const { byState, total, ready } = await store.counts();
      assert.deepEqual([byState.done, byState.running, byState.pending, total, ready], [1, 1, 1, 3, 1]);
    });

    test('S0-11 what several find at once is logged once for each value of its mark', async (t) => {
      const { open } = await projectOf(databases, t);
      const stores = [await open(), await open(), await open()];
      const rejected = (hash: string) =>
        ({
          type: 'roadmap.rejected',
          path: 'roadmap.yaml',
          ...{ hash, line: 1, col: 1, message: 'A mistake.', advice: 'Mend it.', problems: 1 },
        }) as const;
      const say = (hash: string) =>
        Promise.all(stores.map((store) => store.logOnce({ key: 'told', value: hash }, [rejected(hash)])));
      assert.deepEqual((await say('one')).toSorted(), [false, false, true]);
      assert.deepEqual(await say('one'), [false, false, false]);
      assert.deepEqual((await say('two')).toSorted(), [false, false, true]);
      const [store] = stores;
      const events = (await store?.events(0, { types: ['roadmap.rejected'] })) ?? [];
      assert.deepEqual(
        events.map((event) => event.type === 'roadmap.rejected' && event.hash),
        ['one', 'two'],
      );
      assert.equal(await store?.getMeta('told'), 'two');
    });
  });
}
