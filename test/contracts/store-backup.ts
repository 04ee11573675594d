import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { backUp, readBackup } from '../../src/adapters/store/backup.ts';
import { openDatabase, openStore } from '../../src/adapters/store/open.ts';
import { restore } from '../../src/adapters/store/restore.ts';
import { verifyState } from '../../src/adapters/store/verify.ts';
import { CodewalkError } from '../../src/core/errors.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { Attempt, type Databases, finish, planOf, SOURCE, states } from './store-kit.ts';

interface Place {
  readonly url: string;
  readonly project: string;
  readonly stateDirectory: string;
}

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'cw-backup-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function placeOf(databases: Databases, t: TestContext): Promise<Place> {
  return { url: await databases.fresh(t), project: 'p', stateDirectory: directoryOf(t) };
}

async function backUpOf(place: Place, file: string) {
  const { engine } = await openDatabase(place);
  try {
    return await backUp({ engine, project: place.project }, { file, now: 1_000, version: '1.2.3' });
  } finally {
    await engine[Symbol.asyncDispose]();
  }
}

function restoreTo(place: Place, file: string, more: { force?: boolean } = {}) {
  return restore({
    ...place,
    version: '1.2.3',
    file,
    force: more.force ?? false,
    by: 'ann',
    keepIn: join(place.stateDirectory, 'kept.db'),
    now: 2_000,
    isDead: () => false,
  });
}

/** `a` done, `b` at work, `c` waiting. */
async function someWork(store: Store): Promise<Attempt> {
  await store.sync(planOf({ a: {}, b: {}, c: { needs: ['b'] } }), SOURCE);
  await finish(store, 'a');
  return await Attempt.start(store, 'b');
}

const refusal = (text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CodewalkError, String(error));
  assert.equal(error.code, 'RESTORE_REFUSED');
  assert.match(error.message, text);
  return true;
};

export function backupContract(databases: Databases, other: Databases): void {
  describe('backup', () => {
    test('a backup is the whole state at one moment, while others write', async (t) => {
      const place = await placeOf(databases, t);
      await using store = await openStore(place);
      const ids = Array.from({ length: 60 }, (_, index) => `t${index}`);
      await store.sync(planOf(Object.fromEntries(ids.map((name) => [name, {}]))), SOURCE);
      let written = 0;
      const writing = (async () => {
        for (const name of ids) {
          await finish(store, name);
          written += 1;
        }
      })();
      const heads: number[] = [];
      for (let round = 0; written < ids.length; round += 1) {
        const { events } = await backUpOf(place, join(place.stateDirectory, `${round}.db`));
        heads.push(events);
      }
      await writing;
      // Each was checked when it was written: its chain, its rows, and their numbers.
      assert.deepEqual(
        heads,
        heads.toSorted((a, b) => a - b),
      );
      const last = await backUpOf(place, join(place.stateDirectory, 'last.db'));
      assert.deepEqual([last.events, last.tasks], [1 + 3 * ids.length, ids.length]);
    });

    test('a restored state goes on where the backup was made, and nobody from before can write', async (t) => {
      const place = await placeOf(databases, t);
      const file = join(place.stateDirectory, 'backup.db');
      const store = await openStore(place);
      const b = await someWork(store);
      await store.acquire('merge-queue', 'orc_test', 60_000);
      await backUpOf(place, file);
      await b.tell(b.done());
      const before = await store.head();
      await assert.rejects(
        restoreTo(place, file),
        refusal(/The state has 7 events, and the backup .* has 6/),
      );
      const done = await restoreTo(place, file, { force: true });
      assert.equal(done.before, before);
      assert.deepEqual(done.given, ['b']);
      assert.deepEqual(await states(store), { a: 'done', b: 'pending', c: 'pending' });
      assert.equal((await b.try(b.stepStarted(1))).kind, 'lease-lost');
      const again = await Attempt.start(store, 'b');
      assert.ok(again.claim.fence > b.claim.fence);
      assert.equal((await b.try(b.stepStarted(1))).kind, 'lease-lost');
      const lease = await store.acquire('merge-queue', 'orc_other', 60_000);
      assert.ok('fence' in lease && lease.fence > 1);
      const [event] = await store.events(0, { types: ['store.restored'] });
      assert.deepEqual(
        [event?.seq, event?.type === 'store.restored' && [event.events, event.upTo, event.by]],
        [8, [6, 7, 'ann']],
      );
      await store.close();
      assert.deepEqual(
        (await verifyState(place)).findings.filter(({ ok }) => !ok),
        [],
      );
      // What was there before can be brought back in turn.
      assert.equal((await readBackup(join(place.stateDirectory, 'kept.db'))).events, 7);
    });

    test('a state that moves to the other engine is the same there', async (t) => {
      const place = await placeOf(databases, t);
      const file = join(place.stateDirectory, 'backup.db');
      const store = await openStore(place);
      await someWork(store);
      const [tasks, events] = [await store.tasks(), await store.events(0)];
      await store.close();
      await backUpOf(place, file);
      const there: Place = { ...(await placeOf(other, t)), project: 'renamed' };
      await restoreTo(there, file);
      await using moved = await openStore(there);
      const kept = ({ id, definition, needs, pendingNeeds, attempts }: (typeof tasks)[number]) => ({
        id,
        definition,
        needs,
        pendingNeeds,
        attempts,
      });
      assert.deepEqual((await moved.tasks()).map(kept), tasks.map(kept));
      assert.deepEqual(await moved.events(0, { limit: events.length }), events);
      await finish(moved, 'b');
      await finish(moved, 'c');
      assert.equal((await moved.counts()).byState.done, 3);
    });

    test('an orchestrator at work keeps a restore away', async (t) => {
      const place = await placeOf(databases, t);
      const file = join(place.stateDirectory, 'backup.db');
      await using store = await openStore(place);
      await someWork(store);
      await backUpOf(place, file);
      const process = { pid: 7, startTime: '1', bootId: 'b' };
      await store.register({ id: 'orc_x', host: 'here', process, version: '1', maxAgents: 1 });
      await assert.rejects(restoreTo(place, file), refusal(/process 7 on here/));
    });

    test('another host that saw what a restore took back takes the decision over', async (t) => {
      const place = await placeOf(databases, t);
      const file = join(place.stateDirectory, 'backup.db');
      const elsewhere = { ...place, stateDirectory: directoryOf(t) };
      const store = await openStore(place);
      await someWork(store);
      await backUpOf(place, file);
      await store.close();
      const other = await openStore(elsewhere);
      await other.addTask(planOf({ d: {} }).tasks[0]?.definition as never, 'ann');
      await other.close();
      await restoreTo(place, file, { force: true });
      await (await openStore(elsewhere)).close();
    });

    test('a backup that was damaged is refused before anything is touched', async (t) => {
      const place = await placeOf(databases, t);
      const file = join(place.stateDirectory, 'backup.db');
      await using store = await openStore(place);
      await someWork(store);
      await backUpOf(place, file);
      const raw = new DatabaseSync(file);
      raw.exec("update events set body = replace(body, 'a is made', 'b is made') where type = 'task.done'");
      raw.close();
      await assert.rejects(restoreTo(place, file, { force: true }), /backup\.db is damaged: event 4/);
      const gone = new DatabaseSync(file);
      gone.exec('delete from edges');
      gone.close();
      await assert.rejects(readBackup(file), /table edges has 0 of 1 rows/);
      assert.equal(await store.head(), 6);
    });
  });
}
