import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { EventBus, Subscription } from '../../src/core/events/bus.ts';
import type { AttemptEvent, LoggedEvent, NewEvent } from '../../src/core/events/event.ts';
import { objectId, type TaskId, taskId } from '../../src/core/ids.ts';

type Fact = Exclude<NewEvent, AttemptEvent>;

/** A bus and the log that it tells of; the log is empty. */
export interface BusUnderTest {
  readonly bus: EventBus;
  publish(...events: readonly Fact[]): Promise<void>;
}

const A = taskId.parse('a');
const B = taskId.parse('b');
// Facts about a task that change nothing, so that no task is needed.
const refused = (task: TaskId): Fact => ({
  ...{ type: 'write.refused', task, attempt: 1, fence: 1, heldFence: 2, facts: ['task.done'] },
});
const restored = (task: TaskId): Fact => ({
  ...{ type: 'work.restored', task, saved: 's', commit: objectId.parse('a'.repeat(40)), branch: 'b' },
});
const confirmed: Fact = { type: 'roadmap.confirmed', path: 'p', hash: 'h', by: 'zoe' };

/** What every event bus does: each adapter's test file runs it. */
export function busContract(name: string, open: (t: TestContext) => Promise<BusUnderTest>): void {
  describe(`the event bus ${name}`, () => {
    test('S2-08 a subscriber hears every event that was and that comes, in order and once', async (t) => {
      const { bus, publish } = await open(t);
      await publish(refused(A), refused(B));
      const hearing = hear(bus, { after: 0 }, 5);
      await publish(confirmed);
      await publish(restored(A), restored(B));
      assert.deepEqual(await hearing, [
        '1 write.refused',
        '2 write.refused',
        '3 roadmap.confirmed',
        '4 work.restored',
        '5 work.restored',
      ]);
    });

    test('a subscriber begins after any number', async (t) => {
      const { bus, publish } = await open(t);
      await publish(...Array.from({ length: 8 }, () => refused(A)));
      assert.deepEqual(await hear(bus, { after: 6 }, 2), ['7 write.refused', '8 write.refused']);
      const hearing = hear(bus, { after: 8 }, 1);
      await publish(restored(B));
      assert.deepEqual(await hearing, ['9 work.restored']);
    });

    test('S2-10 subscribers choose by type, by the beginning of types, and by task', async (t) => {
      const { bus, publish } = await open(t);
      const before = [refused(A), confirmed, restored(B), refused(B)];
      const kinds: readonly [Partial<Subscription>, readonly string[]][] = [
        [
          { types: ['write.refused'] },
          ['1 write.refused', '4 write.refused', '5 write.refused', '8 write.refused'],
        ],
        [{ types: ['roadmap.', 'work.restored'] }, ['2 roadmap.confirmed', '3 work.restored']],
        [{ task: B }, ['3 work.restored', '4 write.refused', '7 work.restored', '8 write.refused']],
        [{ task: B, types: ['write.refused'] }, ['4 write.refused', '8 write.refused']],
        [{ types: [] }, []],
      ];
      await publish(...before);
      const until = new AbortController();
      const hearing = kinds.map(([filter]) => hearAll(bus, { after: 0, ...filter }, until.signal));
      await publish(...before);
      until.abort();
      for (const [index, [, wanted]] of kinds.entries()) {
        assert.deepEqual((await hearing[index])?.slice(0, wanted.length), wanted);
      }
    });

    test('the type of an event follows from the pattern that was asked for', async (t) => {
      const { bus, publish } = await open(t);
      await publish(confirmed, restored(A));
      for await (const [event] of bus.subscribe({ types: ['work.restored'], after: 0 })) {
        // Compiles only because the event can be nothing else.
        assert.equal(event?.saved, 's');
        break;
      }
    });

    test('what was committed before the end is still handed over', async (t) => {
      const { bus, publish } = await open(t);
      const until = new AbortController();
      const hearing = hearAll(bus, { after: 0 }, until.signal);
      await publish(...Array.from({ length: 50 }, () => refused(A)));
      until.abort();
      assert.equal((await hearing).length, 50);
      assert.equal((await hearAll(bus, { after: 40 }, AbortSignal.abort())).length, 10);
    });

    test('a subscription that is cut ends at once', async (t) => {
      const { bus, publish } = await open(t);
      await publish(refused(A));
      const cut = new AbortController();
      const heard: string[] = [];
      for await (const events of bus.subscribe({ after: 0, cut: cut.signal })) {
        heard.push(...events.map(line));
        await publish(refused(B));
        cut.abort();
      }
      assert.deepEqual(heard, ['1 write.refused']);
      const waiting = hearAll(bus, { after: 2, cut: AbortSignal.timeout(1) });
      assert.deepEqual(await waiting, []);
    });

    test('a subscriber that stops in the middle holds nobody up, and goes on where it was', async (t) => {
      const { bus, publish } = await open(t);
      const slow = bus.subscribe({ after: 0 })[Symbol.asyncIterator]();
      await publish(refused(A));
      const first = await slow.next();
      for (let round = 0; round < 30; round += 1) {
        await publish(...Array.from({ length: 10 }, () => refused(B)));
      }
      assert.equal((await hear(bus, { after: 0 }, 301)).length, 301);
      const numbers: number[] = first.value?.map(({ seq }: LoggedEvent) => seq) ?? [];
      while (numbers.length < 301) {
        const { value } = await slow.next();
        numbers.push(...value.map(({ seq }: LoggedEvent) => seq));
      }
      assert.deepEqual(
        numbers,
        Array.from({ length: 301 }, (_, index) => index + 1),
      );
      await slow.return?.();
    });

    test('many subscribers hear the same while several write', async (t) => {
      const { bus, publish } = await open(t);
      const hearing = Array.from({ length: 20 }, (_, index) => hear(bus, { after: index }, 200 - index));
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          for (let round = 0; round < 25; round += 1) await publish(refused(A), restored(B));
        }),
      );
      for (const [after, heard] of (await Promise.all(hearing)).entries()) {
        assert.deepEqual(
          heard.map((line) => Number.parseInt(line, 10)),
          Array.from({ length: 200 - after }, (_, index) => after + index + 1),
        );
      }
    });
  });
}

const line = ({ seq, type }: LoggedEvent) => `${seq} ${type}`;

/** The first `count` events. */
async function hear(bus: EventBus, filter: Omit<Subscription, 'until'>, count: number): Promise<string[]> {
  const heard: string[] = [];
  for await (const events of bus.subscribe(filter)) {
    heard.push(...events.map(line));
    if (heard.length >= count) break;
  }
  return heard;
}

async function hearAll(
  bus: EventBus,
  filter: Omit<Subscription, 'until'>,
  until?: AbortSignal,
): Promise<string[]> {
  const heard: string[] = [];
  for await (const events of bus.subscribe(until === undefined ? filter : { ...filter, until }))
    heard.push(...events.map(line));
  return heard;
}
