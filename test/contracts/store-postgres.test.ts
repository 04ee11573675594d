import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import pg from 'pg';
import { openStore } from '../../src/adapters/store/open.ts';
import { CodewalkError } from '../../src/core/errors.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { storeContract } from './store.ts';
import { backupContract } from './store-backup.ts';
import { Attempt, claimAny, id, planOf, SOURCE, sqliteFiles } from './store-kit.ts';

let server: PostgresServer;
let shared: string;

before(async () => {
  server = await startPostgres();
  shared = await server.freshDatabase();
});
after(() => server[Symbol.asyncDispose]());

const databases = { shared: async () => shared, fresh: () => server.freshDatabase() };
storeContract('PostgreSQL', databases);
backupContract(databases, sqliteFiles);

test('a server that cannot be reached is named without the password', async () => {
  const url = 'postgres://zoe:secret-word@127.0.0.1:1/shop';
  await assert.rejects(openStore({ url, project: 'p' }), (error) => {
    assert.ok(error instanceof CodewalkError);
    assert.equal(error.code, 'STORE_UNREACHABLE');
    assert.match(error.message, /postgres:\/\/127\.0\.0\.1:1\/shop/);
    assert.doesNotMatch(`${error.message} ${error.advice}`, /secret-word|zoe/);
    return true;
  });
});

test('a wrong password is an error at once, and not shown', async () => {
  const url = new URL(shared);
  url.password = 'wrong-word';
  await assert.rejects(openStore({ url: url.href, project: 'p' }), (error) => {
    assert.ok(error instanceof CodewalkError);
    assert.equal(error.code, 'STORE_UNREACHABLE');
    assert.doesNotMatch(error.message, /wrong-word/);
    return true;
  });
});

test('the location names host and database only', async () => {
  await using store = await openStore({ url: shared, project: 'location' });
  assert.equal(store.location, `postgres://${new URL(shared).host}${new URL(shared).pathname}`);
});

test('work goes on when the server ends every connection', async (t) => {
  const url = await server.freshDatabase();
  await using store = await openStore({ url, project: 'p' });
  const ids = Array.from({ length: 30 }, (_, index) => `t${index}`);
  await store.sync(planOf(Object.fromEntries(ids.map((name) => [name, {}]))), SOURCE);
  const admin = new pg.Client(url);
  await admin.connect();
  t.after(() => admin.end());
  for (let finished = 0; finished < ids.length; finished += 3) {
    const claims = await claimAny(store, 3);
    assert.equal(claims.length, 3);
    const working = Promise.all(
      claims.map(async (claim) => {
        const attempt = new Attempt(store, claim);
        await attempt.tell(attempt.started());
        await attempt.tell(attempt.done());
      }),
    );
    await admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
    );
    await working;
  }
  for (const task of await store.tasks()) assert.deepEqual([task.state, task.fence], ['done', 1]);
  const events = await store.events(0);
  assert.deepEqual(
    events.map(({ seq }) => seq),
    Array.from({ length: 1 + 30 * 3 }, (_, index) => index + 1),
  );
});

test('a commit whose answer was lost is not made a second time', async (t) => {
  const proxy = await commitLosingProxy(t, shared);
  const url = new URL(shared);
  url.port = String(proxy.port);
  await using store = await openStore({ url: url.href, project: 'lost-answer' });
  await store.sync(planOf({ a: {} }), SOURCE);
  const a = await Attempt.start(store, 'a');
  const head = await store.head();
  proxy.loseNextCommit();
  await a.tell(a.stepStarted(1));
  assert.equal(proxy.lost(), 1);
  assert.equal(await store.head(), head + 1);
  assert.equal((await store.steps(id('a'))).length, 1);
});

/** Passes everything on, but cuts the connection instead of the server's answer to a commit. */
async function commitLosingProxy(t: TestContext, target: string) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let armed = false;
  let lost = 0;
  const proxy = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let cut = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (armed && bytes.includes('commit\0')) {
        armed = false;
        cut = true;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!cut) {
        client.write(bytes);
        return;
      }
      lost += 1;
      client.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return {
    port: address.port,
    loseNextCommit: () => {
      armed = true;
    },
    lost: () => lost,
  };
}
