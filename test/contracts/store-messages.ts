import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NewMessage } from '../../src/core/tasks/message.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { Attempt, type Databases, finish, id, planOf, projectOf, renamed, SOURCE } from './store-kit.ts';

export function messageContract(databases: Databases): void {
  describe('messages', () => {
    const opened = async (t: Parameters<typeof projectOf>[1]) => {
      const project = await projectOf(databases, t);
      const store = await project.open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      return { ...project, store };
    };
    const send = (store: Store, message: Partial<NewMessage> & { id: string }) =>
      store.send({ from: 'task:a', to: 'task:b', text: 'The port is 4000.', ...message });
    const unread = async (store: Store, reader: string) =>
      (await store.messages({ unreadBy: reader })).map((message) => message.id);

    test('S2-41 a message is kept with its fact, survives a restart, and is read once', async (t) => {
      const { store, open } = await opened(t);
      const head = await store.head();
      const sent = await send(store, { id: 'm1', replyTo: 'm0', file: 'src/a.ts', line: 3 });
      assert.ok(typeof sent === 'object');
      const { sentAt, ...kept } = sent;
      assert.ok(sentAt > 0);
      assert.deepEqual(kept, {
        id: 'm1',
        from: 'task:a',
        to: 'task:b',
        text: 'The port is 4000.',
        replyTo: 'm0',
        file: 'src/a.ts',
        line: 3,
        reads: [],
      });
      const again = await open();
      assert.deepEqual(await unread(again, 'task:b'), ['m1']);
      assert.deepEqual(await unread(again, 'task:a'), []);
      assert.deepEqual(
        (await again.readMessages('task:b', ['m1', 'nobody'])).map((message) => message.id),
        ['m1'],
      );
      assert.deepEqual(await again.readMessages('task:b', ['m1']), []);
      assert.deepEqual(await unread(store, 'task:b'), []);
      assert.deepEqual(
        (await store.messages({ id: 'm1' }))[0]?.reads.map(({ by }) => by),
        ['task:b'],
      );
      const facts = (await store.events(head)).map(({ seq, at, ...fact }) => fact);
      assert.deepEqual(facts, [
        {
          type: 'message.sent',
          message: 'm1',
          from: 'task:a',
          to: 'task:b',
          text: 'The port is 4000.',
          replyTo: 'm0',
          file: 'src/a.ts',
          line: 3,
        },
        { type: 'message.read', messages: ['m1'], by: 'task:b' },
      ]);
    });

    test('one that is sent again, because nobody knew whether it was, is sent once', async (t) => {
      const { store } = await opened(t);
      const first = await send(store, { id: 'm1' });
      const head = await store.head();
      assert.deepEqual(await send(store, { id: 'm1', text: 'Another text' }), first);
      assert.equal(await store.head(), head);
    });

    test('what is sent to everyone is read by each on its own, and not by who sent it', async (t) => {
      const { store } = await opened(t);
      await send(store, { id: 'm1', to: 'everyone' });
      assert.deepEqual(await unread(store, 'task:a'), []);
      await store.readMessages('task:b', ['m1']);
      assert.deepEqual([await unread(store, 'task:b'), await unread(store, 'person')], [[], ['m1']]);
    });

    test('a task that is not there gets none, and sends none', async (t) => {
      const { store } = await opened(t);
      const head = await store.head();
      assert.equal(await send(store, { id: 'm1', to: 'task:nobody' }), 'unknown-task');
      assert.equal(await send(store, { id: 'm2', from: 'task:nobody' }), 'unknown-task');
      assert.deepEqual([await store.head(), await store.messages()], [head, []]);
    });

    test('messages are listed in the order they were sent, the newest of them with a limit', async (t) => {
      const { store } = await opened(t);
      for (const name of ['m1', 'm2', 'm3']) await send(store, { id: name });
      await send(store, { id: 'm4', from: 'person', to: 'orchestrator' });
      const ids = async (filter: Parameters<Store['messages']>[0]) =>
        (await store.messages(filter)).map((message) => message.id);
      assert.deepEqual(await ids({}), ['m1', 'm2', 'm3', 'm4']);
      assert.deepEqual(await ids({ limit: 2 }), ['m3', 'm4']);
      assert.deepEqual(await ids({ of: 'task:b', limit: 2 }), ['m2', 'm3']);
      assert.deepEqual(await ids({ of: 'person' }), ['m4']);
    });

    test('a task that is renamed takes along what it was sent, sent and read', async (t) => {
      const { store } = await opened(t);
      await send(store, { id: 'm1' });
      await send(store, { id: 'm2', from: 'task:b', to: 'person' });
      await send(store, { id: 'm3' });
      await store.readMessages('task:b', ['m1']);
      await finish(store, 'a');
      // They take each other's place.
      await store.sync(
        renamed(planOf({ b: { title: 'Title of a' }, a: { title: 'Title of b' } }), { b: ['a'], a: ['b'] }),
        { ...SOURCE, hash: 'other' },
      );
      const kept = await store.messages();
      assert.deepEqual(
        kept.map(({ from, to, reads }) => [from, to, reads.map(({ by }) => by)]),
        [
          ['task:b', 'task:a', ['task:a']],
          ['task:a', 'person', []],
          ['task:b', 'task:a', []],
        ],
      );
      assert.deepEqual(await unread(store, 'task:a'), ['m3']);
      assert.equal((await Attempt.start(store, 'a')).claim.task, id('a'));
    });
  });
}
