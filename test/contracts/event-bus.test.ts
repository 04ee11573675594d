import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { HeadFile } from '../../src/adapters/store/head-file.ts';
import type { LoggedEvent } from '../../src/core/events/event.ts';
import { LogBus } from '../../src/core/events/log-bus.ts';
import { serveEvents } from '../api/events-rig.ts';
import { MemoryEventBus } from '../support/memory-event-bus.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { busContract } from './event-bus.ts';
import { type Databases, newDirectory, projectOf, sqliteFiles } from './store-kit.ts';

let server: PostgresServer;
let address: string;
before(async () => {
  server = await startPostgres();
  address = await server.freshDatabase();
});
after(() => server[Symbol.asyncDispose]());
const postgres: Databases = { shared: async () => address, fresh: () => server.freshDatabase() };

busContract('in memory', async () => {
  const bus = new MemoryEventBus();
  return { bus, publish: async (...events) => bus.publish(...events) };
});

for (const [engine, databases] of [
  ['SQLite', sqliteFiles],
  ['PostgreSQL', postgres],
] as const) {
  busContract(`on ${engine}`, async (t) => {
    const { open } = await projectOf(databases, t);
    const store = await open();
    // So small that most reading is done in the log.
    return {
      bus: new LogBus(store, { mostRecent: 7 }),
      publish: async (...events) => void (await store.log(events)),
    };
  });

  busContract(`on ${engine}, told of what another process commits`, async (t) => {
    const { open } = await projectOf(databases, t);
    const [store, other] = [await open(), await open()];
    return { bus: new LogBus(store), publish: async (...events) => void (await other.log(events)) };
  });
}

busContract('of another process, over its socket', async (t) => {
  const { open } = await projectOf(sqliteFiles, t);
  const store = await open();
  const socket = join(await newDirectory(t), 'api.sock');
  const { remote } = await serveEvents(t, new LogBus(store), socket);
  return { bus: remote, publish: async (...events) => void (await store.log(events)) };
});

test('however many subscribe, the log is read once', async (t) => {
  const { open } = await projectOf(sqliteFiles, t);
  const store = await open();
  let reads = 0;
  const counted = new Proxy(store, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (key === 'events') reads += 1;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const bus = new LogBus(counted);
  const until = new AbortController();
  const heard = Array.from({ length: 50 }, async () => {
    let count = 0;
    for await (const events of bus.subscribe({ after: 0, until: until.signal })) {
      count += events.length;
      if (count === 100) return;
    }
  });
  for (let round = 0; round < 100; round += 1) {
    await store.log([{ type: 'roadmap.confirmed', path: 'p', hash: 'h', by: 'zoe' }]);
  }
  await Promise.all(heard);
  // One for each commit and one that finds nothing more, whoever is told.
  assert.ok(reads <= 300, `${reads} reads for 100 commits and 50 subscribers`);
  const before = reads;
  await store.log([{ type: 'roadmap.confirmed', path: 'p', hash: 'h', by: 'zoe' }]);
  assert.equal(reads, before, 'nobody listens any more');
});

test('a subscriber is told when the log cannot be read, and who subscribes anew misses nothing', async (t) => {
  const { open } = await projectOf(sqliteFiles, t);
  const store = await open();
  let isGone = false;
  const bus = new LogBus({
    head: () => store.head(),
    onChange: (listener) => store.onChange(listener),
    events: async (...question) => {
      if (isGone) throw new Error('the log is gone');
      return await store.events(...question);
    },
  });
  const hearing = bus.subscribe({ after: 0 })[Symbol.asyncIterator]();
  await store.log([{ type: 'roadmap.confirmed', path: 'p', hash: 'h', by: 'zoe' }]);
  assert.deepEqual(
    (await hearing.next()).value?.map(({ seq }: LoggedEvent) => seq),
    [1],
  );
  isGone = true;
  const next = hearing.next();
  await store.log([{ type: 'roadmap.confirmed', path: 'p', hash: 'h', by: 'zoe' }]);
  await assert.rejects(next, /the log is gone/);
  isGone = false;
  for await (const events of bus.subscribe({ after: 1 })) {
    assert.deepEqual(
      events.map(({ seq }) => seq),
      [2],
    );
    break;
  }
});

test('a process hears of the commits of others at once, by the file in which they take note of them', async (t) => {
  const path = join(await newDirectory(t), 'head');
  using ours = new HeadFile(path);
  using theirs = new HeadFile(path);
  const head = (seq: number) => ({ seq, hash: 'a'.repeat(64) });
  theirs.note(head(1));
  const heard: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = ours.watch(() => {
    const known = ours.read();
    heard.push(known === undefined || known === 'damaged' ? 0 : known.seq);
    resolve();
  });
  // Its own commits it knows.
  ours.note(head(2));
  theirs.note(head(3));
  await promise;
  stop();
  assert.deepEqual(heard, [3]);
});
