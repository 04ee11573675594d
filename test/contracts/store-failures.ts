import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  Attempt,
  type Databases,
  fail,
  finish,
  id,
  person,
  planOf,
  projectOf,
  ready,
  SOURCE,
  states,
  typesSince,
} from './store-kit.ts';

export function failureContract(databases: Databases): void {
  describe('failure', () => {
    test('S3-26 S3-69 a hard failure blocks all that wait for it, through tasks and gates', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(
        planOf(
          {
            a: {},
            other: {},
            direct: { needs: ['a'] },
            behind: { needs: ['direct', 'other'] },
            gated: { needs: ['gate:g'] },
            last: { needs: ['gated'] },
            free: { needs: ['other'] },
          },
          { g: ['a', 'other'] },
        ),
        SOURCE,
      );
      const head = await store.head();
      await fail(store, 'a');
      assert.deepEqual(await states(store), {
        a: 'failed',
        other: 'pending',
        direct: 'blocked',
        behind: 'blocked',
        gated: 'blocked',
        last: 'blocked',
        free: 'pending',
      });
      assert.equal((await store.task(id('last')))?.reason, 'waits for a, which failed');
      assert.equal((await store.task(id('a')))?.reason, 'it broke');
      const blocked = (await store.events(head)).filter((event) => event.type === 'task.blocked');
      assert.deepEqual(
        blocked.map((event) => event.type === 'task.blocked' && [event.task, event.by]),
        [
          ['direct', 'a'],
          ['behind', 'a'],
          ['gated', 'a'],
          ['last', 'a'],
        ],
      );
      await finish(store, 'other');
      await finish(store, 'free');
      assert.equal((await store.counts()).ready, 0);
    });

    test('S3-26 dependents of a soft failure run', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(
        planOf({ a: { onFailure: 'soft' }, b: { needs: ['a'] }, c: { needs: ['gate:g'] } }, { g: ['a'] }),
        SOURCE,
      );
      await fail(store, 'a');
      assert.deepEqual(await states(store), { a: 'failed', b: 'pending', c: 'pending' });
      assert.deepEqual(await ready(store), ['b', 'c']);
    });

    test('S3-26 a failure in skip mode counts as success', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: { onFailure: 'skip' }, b: { needs: ['a'] } }), SOURCE);
      await fail(store, 'a');
      assert.deepEqual(await states(store), { a: 'skipped', b: 'pending' });
      assert.equal((await store.task(id('a')))?.reason, 'it broke');
      assert.deepEqual(await ready(store), ['b']);
    });

    test('a reset lets go of those that waited for this task alone', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(
        planOf({
          a: {},
          b: {},
          ofA: { needs: ['a'] },
          ofBoth: { needs: ['a', 'b'] },
          behind: { needs: ['ofA'] },
        }),
        SOURCE,
      );
      await fail(store, 'a');
      await fail(store, 'b');
      const head = await store.head();
      await person(store, 'a', 'reset');
      assert.deepEqual(await states(store), {
        a: 'pending',
        b: 'failed',
        ofA: 'pending',
        ofBoth: 'blocked',
        behind: 'pending',
      });
      assert.deepEqual(await typesSince(store, head), ['task.reset', 'task.unblocked', 'task.unblocked']);
      const task = await store.task(id('a'));
      assert.deepEqual(
        [task?.failures, task?.bounces, task?.reason, task?.finishedAt],
        [0, 0, undefined, undefined],
      );
      await person(store, 'b', 'reset');
      assert.equal((await states(store)).ofBoth, 'pending');
      for (const name of ['a', 'b', 'ofA', 'ofBoth', 'behind']) await finish(store, name);
      assert.equal((await store.counts()).byState.done, 5);
    });

    test('a task that failed while it waited for nothing blocks again when it is reset behind a failure', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {}, c: { needs: ['b'] } }), SOURCE);
      await fail(store, 'a');
      await fail(store, 'b');
      await store.sync(planOf({ a: {}, b: { needs: ['a'] }, c: { needs: ['b'] } }), SOURCE);
      await person(store, 'b', 'reset');
      assert.deepEqual(await states(store), { a: 'failed', b: 'blocked', c: 'blocked' });
      await person(store, 'a', 'reset');
      assert.deepEqual(await states(store), { a: 'pending', b: 'pending', c: 'pending' });
    });

    test('a running task whose new need has failed is blocked, with those behind it, when it is given back', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {}, c: { needs: ['b'] } }), SOURCE);
      const b = await Attempt.start(store, 'b');
      await person(store, 'a', 'cancelled');
      await store.sync(planOf({ a: {}, b: { needs: ['a'] }, c: { needs: ['b'] } }), SOURCE);
      assert.deepEqual(await states(store), { a: 'cancelled', b: 'running', c: 'pending' });
      await b.tell({ type: 'task.released', ...b.about, reason: 'stopped' });
      assert.deepEqual(await states(store), { a: 'cancelled', b: 'blocked', c: 'blocked' });
    });

    test('a soft failure that is reset unlocks nobody twice', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(
        planOf({ a: { onFailure: 'soft' }, b: { needs: ['a', 'c', 'gate:g'] }, c: {} }, { g: ['a', 'c'] }),
        SOURCE,
      );
      await fail(store, 'a');
      assert.equal((await store.task(id('b')))?.pendingNeeds, 2);
      await person(store, 'a', 'reset');
      assert.equal((await store.task(id('b')))?.pendingNeeds, 2);
      await finish(store, 'a');
      assert.equal((await store.task(id('b')))?.pendingNeeds, 2);
      await finish(store, 'c');
      assert.equal((await store.task(id('b')))?.pendingNeeds, 0);
      await person(store, 'b', 'cancelled');
      assert.deepEqual(await states(store), { a: 'done', b: 'cancelled', c: 'done' });
    });

    test('cancelling what others already count as finished blocks nobody', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: { onFailure: 'soft' }, b: { needs: ['a'] } }), SOURCE);
      await fail(store, 'a');
      await person(store, 'a', 'reset');
      await person(store, 'a', 'cancelled');
      assert.deepEqual(await states(store), { a: 'cancelled', b: 'pending' });
      assert.deepEqual(await ready(store), ['b']);
    });

    test('a failure at the head of a long chain blocks all of it', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      const chain = Object.fromEntries(
        Array.from({ length: 1_000 }, (_, index) => [
          `t${index}`,
          { needs: index === 0 ? [] : [`t${index - 1}`] },
        ]),
      );
      await store.sync(planOf(chain), SOURCE);
      await fail(store, 't0');
      assert.equal((await store.counts()).byState.blocked, 999);
      await person(store, 't0', 'reset');
      assert.equal((await store.counts()).byState.pending, 1_000);
    });
  });
}
