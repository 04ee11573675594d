import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openStore, openStoreOn } from '../../src/adapters/store/open.ts';
import { SqliteEngine } from '../../src/adapters/store/sqlite-engine.ts';
import { sqliteFault } from '../../src/adapters/store/sqlite-faults.ts';
import { CodewalkError } from '../../src/core/errors.ts';
import { storeContract } from './store.ts';
import { backupContract } from './store-backup.ts';
import { Attempt, id, newDirectory, planOf, SOURCE, sqliteFiles } from './store-kit.ts';

// SQLITE_IOERR_FSYNC of https://sqlite.org/rescode.html
const SQLITE_IOERR_FSYNC = 1_034;

storeContract('SQLite', sqliteFiles);
backupContract(sqliteFiles, sqliteFiles);

const withCode = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CodewalkError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, text);
  assert.ok(error.advice);
  return true;
};

test('a directory that cannot be made is named', async (t) => {
  const file = join(await newDirectory(t), 'file');
  await writeFile(file, '');
  const url = `sqlite:${join(file, 'below', 'state.db')}`;
  await assert.rejects(openStore({ url, project: 'p' }), withCode('STORE_UNWRITABLE', /file\/below/));
});

test('a database that cannot be opened for writing is named', async (t) => {
  const dir = await newDirectory(t);
  await assert.rejects(
    openStore({ url: `sqlite:${dir}`, project: 'p' }),
    withCode('STORE_UNWRITABLE', /cw-store/),
  );
});

test('a file that is no database is left as it is', async (t) => {
  const file = join(await newDirectory(t), 'state.db');
  await writeFile(file, 'garbage '.repeat(2_000));
  await assert.rejects(
    openStore({ url: `sqlite:${file}`, project: 'p' }),
    withCode('STORE_CORRUPT', /state\.db/),
  );
});

test('an address of another kind of database is refused', async () => {
  await assert.rejects(
    openStore({ url: 'mysql://host/db', project: 'p' }),
    withCode('BAD_DATABASE', /sqlite:/),
  );
});

test('a full disk is said to be one', () => {
  const db = new DatabaseSync(':memory:');
  db.exec('create table filler (text)');
  db.exec('pragma max_page_count = 10');
  try {
    db.prepare('insert into filler values (hex(zeroblob(100000)))').run();
    assert.fail('the database has no limit');
  } catch (error) {
    const fault = sqliteFault(error, 'state.db');
    assert.ok(fault.kind === 'full');
    withCode('STORE_FULL', /No space left/)(fault.error);
  } finally {
    db.close();
  }
});

test('a lock that another process holds is waited for, and its holder is never disturbed', async (t) => {
  const url = await sqliteFiles.fresh(t);
  await using store = await openStore({ url, project: 'p' });
  await store.sync(planOf({ a: {} }), SOURCE);
  const other = new DatabaseSync(url.slice('sqlite:'.length));
  other.exec('begin immediate');
  const writing = store.setMeta('key', 'ours');
  // Reading goes on meanwhile, and so does the event loop.
  assert.equal((await store.tasks()).length, 1);
  assert.equal(await store.getMeta('key'), undefined);
  other.exec('commit');
  await writing;
  other.close();
  assert.equal(await store.getMeta('key'), 'ours');
});

test('S0-14 only the rows that differ are written', async (t) => {
  const url = await sqliteFiles.fresh(t);
  await using store = await openStore({ url, project: 'p' });
  const tasks = { a: {}, b: { needs: ['a'] }, c: {}, d: { needs: ['c'] } };
  await store.sync(planOf(tasks), SOURCE);
  const db = new DatabaseSync(url.slice('sqlite:'.length));
  t.after(() => db.close());
  db.exec('create table written (name text)');
  for (const table of ['tasks', 'edges', 'gates']) {
    const name = table === 'tasks' ? 'new.id' : table === 'edges' ? "new.node || '<' || new.needs" : 'new.id';
    for (const verb of ['insert', 'update']) {
      db.exec(
        `create trigger ${table}_${verb} after ${verb} on ${table} begin insert into written values (${name}); end`,
      );
    }
  }
  await store.sync(planOf({ ...tasks, c: { prompt: 'new' }, e: { needs: ['a'] } }), SOURCE);
  const names = db.prepare('select distinct name from written order by name').all();
  assert.deepEqual(
    names.map((row) => row['name']),
    ['c', 'e', 'e<a'],
  );
});

test('a store in memory works, for whoever needs none afterwards', async () => {
  await using store = await openStore({ url: 'sqlite::memory:', project: 'p' });
  await store.sync(planOf({ a: {} }), SOURCE);
  const a = await Attempt.start(store, 'a');
  await a.tell(a.done());
  assert.equal((await store.counts()).byState.done, 1);
});

for (const was of ['made', 'not made']) {
  test(`a commit that the disk failed for is asked about on a new handle, and counts once: it was ${was}`, async (t) => {
    const file = (await sqliteFiles.fresh(t)).slice('sqlite:'.length);
    const engine = new SqliteEngine(file);
    await using store = await openStoreOn(engine, { project: 'p' });
    await store.sync(planOf({ a: {} }), SOURCE);
    const a = await Attempt.start(store, 'a');
    const { direct } = engine;
    const execute = direct.execute.bind(direct);
    let failures = 0;
    direct.execute = (text, parameters) => {
      if (text !== 'commit' || failures > 0) return execute(text, parameters);
      failures += 1;
      if (was === 'made') execute(text, parameters);
      throw Object.assign(new Error('disk I/O error'), { errcode: SQLITE_IOERR_FSYNC });
    };
    const seq = await a.tell(a.stepStarted(1));
    assert.equal(failures, 1);
    assert.equal(await store.head(), seq);
    const types = (await store.events(0)).map(({ type }) => type);
    assert.deepEqual(types, ['roadmap.synced', 'task.claimed', 'task.started', 'step.started']);
    await a.tell(a.done());
    assert.equal((await store.task(id('a')))?.state, 'done');
  });
}
