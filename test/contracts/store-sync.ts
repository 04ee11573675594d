import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  Attempt,
  claimOne,
  type Databases,
  fail,
  finish,
  planOf,
  projectOf,
  ready,
  SOURCE,
  states,
  typesSince,
} from './store-kit.ts';

export function syncContract(databases: Databases): void {
  describe('sync', () => {
    test('S0-14 a sync reports what was added, changed and removed', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {}, c: {} }), SOURCE);
      const result = await store.sync(planOf({ a: {}, b: { prompt: 'Do more' }, d: {} }), SOURCE);
      assert.deepEqual(result, { added: ['d'], changed: ['b'], removed: ['c'], renamed: [], unchanged: 1 });
      assert.equal((await store.tasks({ ids: [] })).length, 0);
      const tasks = await store.tasks();
      assert.deepEqual(
        tasks.map((task) => [task.id, task.order, task.definition.prompt]),
        [
          ['a', 0, 'Do a'],
          ['b', 1, 'Do more'],
          ['d', 2, 'Do d'],
        ],
      );
    });

    test('S0-15 a claimed task keeps owner, start, state and attempt when its definition changes', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      const { task } = (await Attempt.start(store, 'a')).claim;
      const before = await store.task(task);
      await store.sync(planOf({ b: {}, a: { title: 'Another title' } }), SOURCE);
      const after = await store.task(task);
      assert.equal(after?.definition.title, 'Another title');
      assert.equal(after?.order, 1);
      for (const key of ['state', 'owner', 'leaseUntil', 'startedAt', 'attempts', 'fence'] as const) {
        assert.equal(after?.[key], before?.[key], key);
      }
      assert.equal(after?.state, 'running');
      assert.equal(after?.owner, 'orc_test');
    });

    test('S0-16 a sync that breaks half-way leaves the old plan whole', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: { needs: ['a'] } }), SOURCE);
      const before = [await store.tasks(), await store.head()];
      const plan = planOf({ a: { prompt: 'new' }, c: {}, d: { needs: ['gate:all'] } }, { all: ['a', 'c'] });
      // The definitions are written before the members are read a third time, for the edges of the gate.
      let reads = 0;
      const broken = {
        ...plan,
        gates: plan.gates.map((gate) => ({
          id: gate.id,
          get members() {
            reads += 1;
            if (reads > 2) throw new Error('the process breaks here');
            return gate.members;
          },
        })),
      };
      await assert.rejects(store.sync(broken, SOURCE), /breaks here/);
      assert.deepEqual([await store.tasks(), await store.head()], before);
    });

    test('S0-17 S0-18 S0-44 one event tells of a sync, and none when nothing changed', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      const tasks = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`t${index}`, {}]));
      const first = await store.sync(planOf(tasks), SOURCE);
      assert.equal(first.added.length, 1_000);
      assert.equal(await store.head(), 1);
      const [event] = await store.events(0);
      assert.equal(event?.type === 'roadmap.synced' && event.total, 1_000);
      assert.deepEqual(event?.type === 'roadmap.synced' && event.added, first.added);

      const second = await store.sync(planOf(tasks), SOURCE);
      assert.deepEqual(second, { added: [], changed: [], removed: [], renamed: [], unchanged: 1_000 });
      assert.equal(await store.head(), 1);
    });

    test('S0-42 S0-43 the hash of the roadmap is kept with the sync, and only when it was made', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), { path: 'roadmap.yaml', hash: 'one' });
      assert.equal(await store.getMeta('roadmap_hash'), 'one');
      await store.sync(planOf({ a: {} }), { path: 'roadmap.yaml', hash: 'two' });
      assert.equal(await store.getMeta('roadmap_hash'), 'two');
      assert.equal(await store.head(), 1);
      const broken = { ...planOf({ a: { prompt: 'new' } }), gates: null as unknown as [] };
      await assert.rejects(store.sync(broken, { path: 'roadmap.yaml', hash: 'three' }));
      assert.equal(await store.getMeta('roadmap_hash'), 'two');
    });

    test('10,000 tasks and their needs are stored by one sync', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      const ids = Array.from({ length: 10_000 }, (_, index) => `t${index}`);
      const tasks = Object.fromEntries(
        ids.map((id, index) => [id, { needs: ids.slice(Math.max(0, index - 2), index) }]),
      );
      const result = await store.sync(planOf(tasks), SOURCE);
      assert.equal(result.added.length, 10_000);
      const { total, ready: count } = await store.counts();
      assert.deepEqual({ total, count }, { total: 10_000, count: 1 });
      // Every position moves, nothing else: no task is reported as changed.
      const moved = await store.sync(planOf({ first: {}, ...tasks }), SOURCE);
      assert.deepEqual(moved, { added: ['first'], changed: [], removed: [], renamed: [], unchanged: 10_000 });
      assert.equal((await store.tasks({ states: ['pending'] })).at(-1)?.order, 10_000);
    });

    test('S0-54 a task that leaves the roadmap is archived, and comes back as what it was', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: { needs: ['a'] }, c: {} }), SOURCE);
      await finish(store, 'a');
      const { removed } = await store.sync(planOf({ c: {} }), SOURCE);
      assert.deepEqual(removed, ['a', 'b']);
      assert.deepEqual(await states(store), { a: 'archived', b: 'archived', c: 'pending' });
      assert.deepEqual(
        (await store.tasks()).map((task) => task.id),
        ['c'],
      );
      const { added } = await store.sync(planOf({ a: {}, b: { needs: ['a'] }, c: {} }), SOURCE);
      assert.deepEqual(added, ['a', 'b']);
      assert.deepEqual(await states(store), { a: 'done', b: 'pending', c: 'pending' });
      assert.deepEqual(await ready(store), ['b', 'c']);
    });

    test('S0-54 a running task that left the roadmap is flagged, and archived when its attempt ends', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {}, c: { needs: ['a'] } }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const b = await Attempt.start(store, 'b');
      const { removed } = await store.sync(planOf({ c: {} }), SOURCE, { confirmed: true });
      assert.deepEqual(removed, ['a', 'b']);
      assert.match((await store.task(a.claim.task))?.reason ?? '', /left the roadmap/);
      assert.deepEqual(await states(store), { a: 'running', b: 'running', c: 'pending' });
      const again = await store.sync(planOf({ c: {} }), SOURCE);
      assert.deepEqual(again.removed, []);

      const head = await store.head();
      await a.tell(a.done());
      assert.deepEqual(await typesSince(store, head), ['task.done', 'task.archived']);
      await store.sync(planOf({ b: {}, c: {} }), SOURCE);
      await b.tell(b.done());
      assert.deepEqual(await states(store), { a: 'archived', b: 'done', c: 'pending' });
    });

    test('a task that the roadmap calls done is stored as done, and nobody waits for it', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(
        planOf(
          {
            a: { initialState: 'done' },
            b: { needs: ['a', 'gate:g'] },
            c: { initialState: 'cancelled' },
            d: { needs: ['c'] },
          },
          { g: ['a'] },
        ),
        SOURCE,
      );
      assert.deepEqual(await states(store), { a: 'done', b: 'pending', c: 'cancelled', d: 'blocked' });
      assert.deepEqual(await ready(store), ['b']);
    });

    test('S0-52 an old status in the roadmap reverts nothing, an edited one counts', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      const pending = { initialState: 'pending' } as const;
      await store.sync(planOf({ a: pending, b: pending, c: pending, d: { needs: ['c'] } }), SOURCE);
      await finish(store, 'a');
      await fail(store, 'c');
      assert.equal((await states(store)).d, 'blocked');

      await store.sync(
        planOf({ a: { ...pending, prompt: 'new' }, b: pending, c: pending, d: { needs: ['c'] } }),
        SOURCE,
      );
      assert.deepEqual(await states(store), { a: 'done', b: 'pending', c: 'failed', d: 'blocked' });

      await store.sync(
        planOf({
          a: pending,
          b: { initialState: 'done' },
          c: { initialState: 'cancelled' },
          d: { needs: ['c'] },
        }),
        SOURCE,
      );
      assert.deepEqual(await states(store), { a: 'done', b: 'done', c: 'failed', d: 'blocked' });

      await store.sync(
        planOf({ a: pending, b: { initialState: 'done' }, c: pending, d: { needs: ['c'] } }),
        SOURCE,
      );
      assert.deepEqual(await states(store), { a: 'done', b: 'done', c: 'pending', d: 'pending' });
    });

    test('needs that were edited decide anew who is ready and who is blocked', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: { needs: ['a'] }, c: {}, x: {}, y: { needs: ['b'] } }), SOURCE);
      await fail(store, 'x');
      assert.deepEqual(await ready(store), ['a', 'c']);

      await store.sync(planOf({ a: {}, b: {}, c: { needs: ['x'] }, x: {}, y: { needs: ['c'] } }), SOURCE);
      assert.deepEqual(await ready(store), ['a', 'b']);
      assert.equal((await store.task((await claimOne(store, 'a')).task))?.pendingNeeds, 0);
      const blocked = await states(store);
      assert.deepEqual([blocked.c, blocked.y], ['blocked', 'blocked']);

      await store.sync(planOf({ a: {}, b: {}, c: {}, x: {}, y: { needs: ['c'] } }), SOURCE);
      const freed = await states(store);
      assert.deepEqual([freed.c, freed.y], ['pending', 'pending']);
      assert.deepEqual(await ready(store), ['b', 'c']);
    });

    test('a gate follows its members when the roadmap changes', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      const after = { needs: ['gate:g'] };
      await store.sync(planOf({ a: {}, b: {}, after }, { g: ['a', 'b'] }), SOURCE);
      await finish(store, 'a');
      await store.sync(planOf({ a: {}, b: {}, c: {}, after }, { g: ['a', 'b', 'c'] }), SOURCE);
      await finish(store, 'b');
      assert.deepEqual(await ready(store), ['c']);
      await store.sync(planOf({ a: {}, b: {}, c: {}, after }, { g: ['a', 'b'] }), SOURCE);
      assert.deepEqual(await ready(store), ['c', 'after']);
      await store.sync(planOf({ a: {}, b: {}, c: {}, after: { needs: ['c'] } }), SOURCE);
      assert.deepEqual(await ready(store), ['c']);
    });

    test('a sync whose caller knew an older plan is overtaken and writes nothing', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      const first = { path: 'roadmap.yaml', hash: 'one' };
      const early = await store.sync(planOf({ a: {} }), first, { onto: { hash: undefined } });
      assert.deepEqual(early.added, ['a']);
      const head = await store.head();
      const late = { path: 'roadmap.yaml', hash: 'two' };
      const overtaken = await store.sync(planOf({ b: {} }), late, { onto: { hash: undefined } });
      assert.equal(overtaken.overtaken, true);
      assert.deepEqual([await store.head(), await store.getMeta('roadmap_hash')], [head, 'one']);
      const next = await store.sync(planOf({ a: {}, b: {} }), late, { onto: { hash: 'one' } });
      assert.deepEqual([next.added, next.overtaken], [['b'], undefined]);
    });

    test('S0-17 the event of a sync says whether tasks are concerned that it does not name', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      const others = async () => {
        const event = (await store.events(0, { types: ['roadmap.synced'] })).at(-1);
        return event?.type === 'roadmap.synced' && event.others === true;
      };
      const base = { a: { chain: 2 }, b: { needs: ['a'] }, c: {} };
      await store.sync(planOf(base), SOURCE);
      assert.equal(await others(), false);
      await store.sync(planOf({ ...base, c: { prompt: 'more' }, d: {} }), SOURCE);
      assert.equal(await others(), false);
      const longer = {
        ...base,
        a: { chain: 3 },
        b: { needs: ['a'], chain: 2 },
        c: { prompt: 'more' },
        d: { needs: ['b'] },
      };
      await store.sync(planOf(longer), SOURCE);
      assert.equal(await others(), true, 'the chain of others is longer');
      await store.sync(planOf({ ...longer, e: {} }), SOURCE);
      assert.equal(await others(), false);
      const { c, ...rest } = longer;
      await store.sync(planOf({ c, ...rest, e: {} }), SOURCE);
      assert.equal(await others(), true, 'only the order is another one');
    });
  });
}
