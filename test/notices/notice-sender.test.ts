import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemIds } from '../../src/adapters/system/ids.ts';
import type { EventBus } from '../../src/core/events/bus.ts';
import { LogBus } from '../../src/core/events/log-bus.ts';
import { NoticeSender } from '../../src/core/notices/notice-sender.ts';
import type { Delivery, Notice, NoticeTarget } from '../../src/core/notices/ports.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { serveEvents } from '../api/events-rig.ts';
import { Attempt, id, newDirectory, planOf, projectOf, SOURCE, sqliteFiles } from '../contracts/store-kit.ts';
import { MemoryEventBus } from '../support/memory-event-bus.ts';

/** Does not wait for retries; what is longer than an hour does not end by itself. */
const hasty: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      signal?.addEventListener('abort', () => resolve());
      if (ms < 3_600_000) setImmediate(resolve);
    }),
};
const LEASE_MS = 36_000_000;

class Target implements NoticeTarget {
  readonly name = 'webhook of a test';
  readonly key = 'test';
  readonly events: readonly string[] | undefined;
  readonly told: Notice[] = [];
  readonly #answer: (told: readonly Notice[]) => Delivery;
  readonly #waiting: { count: number; resolve: () => void }[] = [];

  constructor(answer: (told: readonly Notice[]) => Delivery, events?: readonly string[]) {
    this.#answer = answer;
    this.events = events;
  }

  async deliver(notice: Notice): Promise<Delivery> {
    this.told.push(notice);
    for (const each of this.#waiting) if (this.told.length >= each.count) each.resolve();
    return this.#answer(this.told);
  }

  async heard(count: number): Promise<void> {
    if (this.told.length >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  get kinds(): readonly string[] {
    return this.told.map(({ kind, event }) => `${kind} ${event.type}`);
  }
}

const content = () => ({ kind: 'delivered' as const });

async function senderOf(
  store: Store,
  target: NoticeTarget,
  clock: Clock = hasty,
  bus: EventBus = new LogBus(store),
  onNotice: (message: string) => void = (message) => assert.fail(message),
): Promise<NoticeSender> {
  const sender = new NoticeSender({
    ...{ store, bus, clock, ids: systemIds, project: 'shop', targets: [target] },
    ...{ lease: 'notices', leaseMs: LEASE_MS, onNotice },
  });
  await sender.start();
  return sender;
}

async function storeOf(t: TestContext, tasks: Record<string, object>) {
  const { open } = await projectOf(sqliteFiles, t);
  const store = await open();
  await store.sync(planOf(tasks), SOURCE);
  return { store, open };
}

/** As if the sender had run before: a new target hears nothing of the past. */
const from = (store: Store, seq: number) => store.setMeta('notices:test', String(seq));

async function fail(store: Store, task: string): Promise<void> {
  const attempt = await Attempt.start(store, task);
  await attempt.tell({ type: 'task.failed', ...attempt.about, outcome: 'permanent', reason: 'no' });
}

test('people outside hear of a question, a failure and the end, in order', async (t) => {
  const { store } = await storeOf(t, { a: {}, b: {}, c: {} });
  await from(store, 0);
  const target = new Target(content);
  await using _sender = await senderOf(store, target);
  const a = await Attempt.start(store, 'a');
  const questions = [{ id: 'q', question: 'Which ids?' }];
  await a.tell({ type: 'task.asked', ...a.about, step: 1, questions });
  await fail(store, 'b');
  const c = await Attempt.start(store, 'c');
  await c.tell(c.done());
  await store.command(id('a'), (task) => [{ type: 'task.cancelled', task: task.id, by: 'zoe' }]);
  await target.heard(3);
  assert.deepEqual(target.kinds, ['question task.asked', 'failure task.failed', 'finish task.cancelled']);
  assert.equal(target.told.at(-1)?.text, '1 done, 1 failed, 1 cancelled');
});

test('a target that chose its events hears of those and no others', async (t) => {
  const { store } = await storeOf(t, { a: {} });
  await from(store, 0);
  const target = new Target(content, ['task.claimed', 'merge.']);
  await using _sender = await senderOf(store, target);
  const a = await Attempt.start(store, 'a');
  await a.tell(a.done());
  await target.heard(1);
  assert.deepEqual(target.kinds, ['event task.claimed']);
});

test('what fails is tried again, and after the last try that is written down and the next one follows', async (t) => {
  const { store } = await storeOf(t, { a: {}, b: {}, z: {} });
  await from(store, 0);
  const target = new Target((told) =>
    told.at(-1)?.title === 'a failed' ? { kind: 'again', reason: 'it answered 500' } : { kind: 'delivered' },
  );
  await using _sender = await senderOf(store, target);
  await fail(store, 'a');
  await fail(store, 'b');
  await target.heard(12);
  assert.deepEqual(
    target.told.map(({ id: notice }) => notice === target.told[0]?.id),
    [...Array.from({ length: 11 }, () => true), false],
  );
  const [undelivered] = await store.events(0, { types: ['notice.undelivered'] });
  assert.ok(undelivered?.type === 'notice.undelivered');
  assert.deepEqual(
    [undelivered.to, undelivered.reason, undelivered.tries],
    ['webhook of a test', 'it answered 500', 11],
  );
});

test('what was not told before the end of the process is told by the next one, once', async (t) => {
  const { store } = await storeOf(t, { a: {}, b: {}, z: {} });
  await from(store, 0);
  let isUp = true;
  const target = new Target(() => (isUp ? { kind: 'delivered' } : { kind: 'again', reason: 'down' }));
  const first = await senderOf(store, target);
  await fail(store, 'a');
  await target.heard(1);
  isUp = false;
  await first[Symbol.asyncDispose]();
  await fail(store, 'b');
  const said: string[] = [];
  const second = await senderOf(store, target, hasty, new LogBus(store), (message) => said.push(message));
  await second[Symbol.asyncDispose]();
  assert.deepEqual(said, [
    'webhook of a test was not told of everything before the end; the next run tells it the rest',
  ]);
  isUp = true;
  const before = target.told.length;
  await using _third = await senderOf(store, target);
  await target.heard(before + 1);
  assert.equal(target.told.filter(({ title }) => title === 'a failed').length, 1);
  assert.equal(target.told.at(-1)?.title, 'b failed');
});

test('a target that never answers is left at the end, which is said, and the next process tells it', async (t) => {
  const { store } = await storeOf(t, { a: {}, z: {} });
  await from(store, 0);
  const asked = Promise.withResolvers<void>();
  const silent: NoticeTarget = {
    ...{ name: 'a silent one', key: 'test', events: undefined },
    deliver: (_notice, signal) =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () => resolve({ kind: 'refused', reason: 'broken off' }));
        asked.resolve();
      }),
  };
  const said: string[] = [];
  const first = await senderOf(store, silent, hasty, new LogBus(store), (message) => said.push(message));
  await fail(store, 'a');
  await asked.promise;
  await first[Symbol.asyncDispose]();
  assert.deepEqual(said, [
    'a silent one was not told of everything before the end; the next run tells it the rest',
  ]);
  assert.deepEqual(await store.events(0, { types: ['notice.undelivered'] }), []);
  const target = new Target(content);
  await using _second = await senderOf(store, target);
  await target.heard(1);
  assert.equal(target.told[0]?.title, 'a failed');
});

test('of several orchestrators one tells, and another goes on when that one ends', async (t) => {
  const { store, open } = await storeOf(t, { a: {}, b: {}, z: {} });
  await from(store, 0);
  const [ours, theirs] = [new Target(content), new Target(content)];
  const first = await senderOf(store, ours);
  await fail(store, 'a');
  await ours.heard(1);
  const other = await open();
  await using _second = await senderOf(other, theirs, { ...hasty, sleep: waiting });
  await fail(store, 'b');
  await ours.heard(2);
  assert.equal(theirs.told.length, 0);
  await first[Symbol.asyncDispose]();
  await fail(store, 'z');
  await theirs.heard(1);
  assert.deepEqual(
    [ours, theirs].map(({ told }) => told.map(({ title }) => title)),
    [['a failed', 'b failed'], ['z failed', 'The work has ended'].slice(0, theirs.told.length)],
  );
});

/** Waits until others had their turn, where it would wait for a lease. */
function waiting(_ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal?.addEventListener('abort', () => resolve());
    setImmediate(resolve);
  });
}

test('a new target is told of nothing that happened before', async (t) => {
  const { store } = await storeOf(t, { a: {}, b: {}, z: {} });
  await fail(store, 'a');
  const target = new Target(content);
  await using _sender = await senderOf(store, target);
  await fail(store, 'b');
  await target.heard(1);
  assert.deepEqual(
    target.told.map(({ title }) => title),
    ['b failed'],
  );
});

test('S2-09 who listens does not know which bus it is: in memory, on the store, or of another process', async (t) => {
  const { store } = await storeOf(t, {});
  const fact = { type: 'roadmap.confirmed', path: 'p', hash: 'h', by: 'zoe' } as const;
  const memory = new MemoryEventBus();
  memory.publish(fact);
  await from(store, 0);
  await store.log([fact]);
  const head = await store.head();
  const { remote } = await serveEvents(t, new LogBus(store), join(await newDirectory(t), 'api.sock'));
  for (const [bus, after] of [
    [memory, 0],
    [new LogBus(store), head - 1],
    [remote, head - 1],
  ] as const) {
    await from(store, after);
    const target = new Target(content, ['roadmap.confirmed']);
    await using _sender = await senderOf(store, target, hasty, bus);
    await target.heard(1);
    assert.deepEqual(target.kinds, ['event roadmap.confirmed']);
  }
});
