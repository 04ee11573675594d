import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type OpenDatabase, openDatabase, openStore } from '../../src/adapters/store/open.ts';
import { verifyOpen } from '../../src/adapters/store/verify.ts';
import { CodewalkError } from '../../src/core/errors.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { type Databases, finish, planOf, SOURCE } from './store-kit.ts';

const TASKS = { a: {}, b: { needs: ['a'] }, c: { needs: ['gate:g'] } };

/** A project of its own with a state directory, and some events in its log: 1 synced, 3 a task. */
async function storageOf(databases: Databases, t: TestContext) {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'cw-state-'));
  t.after(() => rmSync(stateDirectory, { recursive: true, force: true }));
  const place = { url: await databases.fresh(t), project: 'p', stateDirectory };
  const closing: AsyncDisposable[] = [];
  t.after(async () => {
    for (const each of closing) await each[Symbol.asyncDispose]();
  });
  return {
    place,
    open: async (): Promise<Store> => {
      const store = await openStore(place);
      closing.push(store);
      return store;
    },
    rows: async (): Promise<OpenDatabase> => {
      const opened = await openDatabase({ ...place, asItIs: true });
      closing.push(opened.engine);
      return opened;
    },
  };
}

async function someWork(store: Store): Promise<void> {
  await store.sync(planOf(TASKS, { g: ['a', 'b'] }), SOURCE);
  await finish(store, 'a');
  await finish(store, 'b');
}

const wrong = async (opened: OpenDatabase) =>
  (await verifyOpen(opened)).findings
    .filter(({ ok }) => !ok)
    .map(({ check, detail }) => `${check}: ${detail}`);

/** What cannot be told apart from what was written is a hole in the log. */
const CHANGES: readonly [string, (opened: OpenDatabase) => Promise<unknown>, RegExp][] = [
  [
    'an edited body',
    ({ engine }) =>
      engine.db
        .updateTable('events')
        .set({ body: '{"type":"task.done","task":"a","attempt":9}' })
        .where('seq', '=', 4)
        .execute(),
    /event 4/,
  ],
  [
    'another time',
    ({ engine }) =>
      engine.db
        .updateTable('events')
        .set((eb) => ({ at: eb('at', '+', 1) }))
        .where('seq', '=', 3)
        .execute(),
    /event 3/,
  ],
  [
    'another task',
    ({ engine }) => engine.db.updateTable('events').set({ task: 'c' }).where('seq', '=', 5).execute(),
    /event 5/,
  ],
  [
    'a deleted event',
    ({ engine }) => engine.db.deleteFrom('events').where('seq', '=', 3).execute(),
    /events 3 to 3/,
  ],
  [
    'two swapped events',
    async ({ engine: { db } }) => {
      await db.updateTable('events').set({ seq: 100 }).where('seq', '=', 2).execute();
      await db.updateTable('events').set({ seq: 2 }).where('seq', '=', 3).execute();
      await db.updateTable('events').set({ seq: 3 }).where('seq', '=', 100).execute();
    },
    /event 2/,
  ],
];

export function storageContract(databases: Databases): void {
  describe('storage', () => {
    test('S3-50 what was written is found to be whole', async (t) => {
      const { open, rows } = await storageOf(databases, t);
      const store = await open();
      await someWork(store);
      await store.close();
      const { findings, events } = await verifyOpen(await rows());
      assert.deepEqual(
        findings.map(({ check, ok }) => [check, ok]),
        ['pages', 'log', 'head', 'counters', 'rows'].map((check) => [check, true]),
      );
      assert.equal(events, 7);
    });

    for (const [what, change, named] of CHANGES) {
      test(`S3-50 ${what} in the log is found, and named`, async (t) => {
        const { open, rows } = await storageOf(databases, t);
        const store = await open();
        await someWork(store);
        await store.close();
        const opened = await rows();
        await change(opened);
        const [first] = await wrong(opened);
        assert.match(first ?? '', /^log: /);
        assert.match(first ?? '', named);
      });
    }

    test('a log whose newest events were taken away is refused, with their number', async (t) => {
      const { open, rows } = await storageOf(databases, t);
      const store = await open();
      await someWork(store);
      await store.close();
      const { engine } = await rows();
      await engine.db.deleteFrom('events').where('seq', '>', 5).execute();
      await engine.db.updateTable('stream').set({ head: 5 }).execute();
      await assert.rejects(open(), (error) => {
        assert.ok(error instanceof CodewalkError);
        assert.equal(error.code, 'STORE_LOST_EVENTS');
        assert.match(error.message, /^2 events are missing from .*: it ends at 5, 7 were written$/);
        assert.match(error.advice ?? '', /cw db restore .*cw db accept/s);
        return true;
      });
    });

    test('a database that was replaced by one with as many events is refused', async (t) => {
      const { open, rows } = await storageOf(databases, t);
      const store = await open();
      await someWork(store);
      await store.close();
      const { engine } = await rows();
      await engine.db
        .updateTable('events')
        .set({ hash: '0'.repeat(64) })
        .where('seq', '=', 7)
        .execute();
      await assert.rejects(open(), /Event 7 of .* is not the one that was written/);
    });

    test('a database that is new again is not filled anew', async (t) => {
      const { open, rows, place } = await storageOf(databases, t);
      const store = await open();
      await someWork(store);
      await store.close();
      const { engine } = await rows();
      await engine.db.deleteFrom('events').execute();
      await engine.db.deleteFrom('stream').execute();
      await assert.rejects(openStore(place), /7 events are missing/);
    });

    test('a counter that is not what it counts is found, and named', async (t) => {
      const { open, rows } = await storageOf(databases, t);
      const store = await open();
      await someWork(store);
      await store.close();
      const opened = await rows();
      await opened.engine.db.updateTable('gates').set({ pending: 2 }).execute();
      assert.match((await wrong(opened)).join(), /what gate gate:g waits for is 2 and should be 0/);
      await opened.engine.db.updateTable('gates').set({ pending: 0 }).execute();
      await opened.engine.db.updateTable('tasks').set({ pending_needs: 1 }).where('id', '=', 'c').execute();
      assert.match((await wrong(opened)).join(), /what task c waits for is 1 and should be 0/);
    });

    test('a row that cannot be read is named by whoever reads it', async (t) => {
      const { open, rows } = await storageOf(databases, t);
      const store = await open();
      await someWork(store);
      const { engine } = await rows();
      await engine.db.updateTable('tasks').set({ definition: '{"id":"b"}' }).where('id', '=', 'b').execute();
      await engine.db.updateTable('events').set({ body: '{"type' }).where('seq', '=', 2).execute();
      const named = (text: RegExp) => (error: unknown) => {
        assert.ok(error instanceof CodewalkError);
        assert.equal(error.code, 'STORE_CORRUPT');
        assert.match(error.message, text);
        return true;
      };
      await assert.rejects(store.tasks(), named(/Row b of table tasks/));
      await assert.rejects(store.events(0), named(/Row 2 of table events/));
    });
  });
}
