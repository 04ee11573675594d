import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { EventBus } from '../../src/core/events/bus.ts';
import type { LoggedEvent } from '../../src/core/events/event.ts';
import { LogBus } from '../../src/core/events/log-bus.ts';
import { newDirectory, projectOf, sqliteFiles } from '../contracts/store-kit.ts';
import { MemoryEventBus } from '../support/memory-event-bus.ts';
import { remoteOn, serveEvents, TOKEN } from './events-rig.ts';

const confirmed = { type: 'roadmap.confirmed', path: 'p', hash: 'h', by: 'zoe' } as const;
const socketOf = async (t: TestContext) => join(await newDirectory(t), 'api.sock');
const numbers = (events: readonly LoggedEvent[]) => events.map(({ seq }) => seq);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

test('a client whose connection is cut again and again misses nothing and hears nothing twice', async (t) => {
  const { open } = await projectOf(sqliteFiles, t);
  const store = await open();
  const { remote, streams } = await serveEvents(t, new LogBus(store), await socketOf(t));
  const heard: number[] = [];
  const hearing = (async () => {
    for await (const events of remote.subscribe({ after: 0 })) {
      heard.push(...numbers(events));
      if (heard.length >= 300) return;
    }
  })();
  for (let round = 0; round < 30; round += 1) {
    await store.log(Array.from({ length: 10 }, () => confirmed));
    streams[Symbol.dispose]();
  }
  await hearing;
  assert.deepEqual(heard, upTo(300));
});

test('a client goes on where it was when the server is started anew', async (t) => {
  const bus = new MemoryEventBus();
  const socket = await socketOf(t);
  const { front, streams, remote } = await serveEvents(t, bus, socket);
  const heard: number[] = [];
  const firstHeard = Promise.withResolvers<void>();
  const hearing = (async () => {
    for await (const events of remote.subscribe({ after: 0 })) {
      heard.push(...numbers(events));
      firstHeard.resolve();
      if (heard.length >= 5) return;
    }
  })();
  bus.publish(confirmed, confirmed);
  await firstHeard.promise;
  streams[Symbol.dispose]();
  await front[Symbol.asyncDispose]();
  bus.publish(confirmed, confirmed, confirmed);
  await serveEvents(t, bus, socket);
  await hearing;
  assert.deepEqual(heard, upTo(5));
});

test('a client that does not read is not written to without end, and others are not held up', async (t) => {
  const bus = new MemoryEventBus();
  let taken = 0;
  const slowBus: EventBus = {
    subscribe: async function* (subscription) {
      for await (const batch of bus.subscribe(subscription)) {
        // One event at a time, so that what is taken is what fits.
        for (const event of batch) {
          taken += 1;
          yield [event];
        }
      }
    },
  };
  const [slow, quick] = [await socketOf(t), await socketOf(t)];
  await serveEvents(t, slowBus, slow);
  const { remote } = await serveEvents(t, bus, quick);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const asking = request({ socketPath: slow, path: '/events?follow=no', headers, agent: false });
  t.after(() => asking.destroy());
  bus.publish(...Array.from({ length: 2_000 }, () => ({ ...confirmed, path: 'x'.repeat(10_000) })));
  const answered = Promise.withResolvers<void>();
  asking.once('response', (response) => {
    response.pause();
    answered.resolve();
  });
  asking.end();
  await answered.promise;
  const heard: number[] = [];
  for await (const events of remote.subscribe({ after: 0, until: AbortSignal.abort() })) {
    heard.push(...numbers(events));
  }
  assert.equal(heard.length, 2_000);
  assert.ok(taken < 500, `${taken} of 2,000 events were written for a client that reads none`);
});

test('what cannot be read in the address is said', async (t) => {
  const { remote } = await serveEvents(t, new MemoryEventBus(), await socketOf(t));
  const first = (bus: EventBus, types: string[]) =>
    bus
      .subscribe({ after: 0, types: types as never[] })
      [Symbol.asyncIterator]()
      .next();
  await assert.rejects(first(remote, ['nonsense']), /BAD_QUERY.*types.*it takes after=/i);
});

test('without a valid token nothing is told', async (t) => {
  const bus = new MemoryEventBus();
  bus.publish(confirmed);
  const socket = await socketOf(t);
  await serveEvents(t, bus, socket);
  const stranger = remoteOn(socket, 'another').subscribe({ after: 0 })[Symbol.asyncIterator]();
  await assert.rejects(stranger.next(), /401.*NO_TOKEN/);
});
