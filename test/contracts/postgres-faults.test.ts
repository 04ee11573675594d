import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import pg from 'pg';
import { openStore, openStoreOn } from '../../src/adapters/store/open.ts';
import { openPostgres } from '../../src/adapters/store/postgres-engine.ts';
import { postgresFault } from '../../src/adapters/store/postgres-faults.ts';
import { CodewalkError } from '../../src/core/errors.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { Attempt, claimAny, planOf, SOURCE } from './store-kit.ts';

let server: PostgresServer;

before(async () => {
  server = await startPostgres();
});
after(() => server[Symbol.asyncDispose]());

async function admin(t: TestContext, url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  // Some tests end it from outside.
  client.on('error', () => {});
  await client.connect();
  t.after(() => client.end());
  return client;
}

test('S0-35 work that is under way goes on by itself when the server comes back from a restart', async () => {
  const url = await server.freshDatabase();
  await using store = await openStore({ url, project: 'p' });
  await store.sync(planOf({ a: {}, b: {} }), SOURCE);
  const [a] = await claimAny(store, 1);
  assert.ok(a !== undefined);
  const attempt = new Attempt(store, a);
  const [, outcome, counts] = await Promise.all([
    server.outage(300),
    attempt.try(attempt.started(), attempt.done()),
    store.counts(),
  ]);
  assert.equal(outcome.kind, 'recorded');
  assert.equal(counts.total, 2);
  const events = await store.events(0);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['roadmap.synced', 'task.claimed', 'task.started', 'task.done'],
  );
});

test('S0-35 a connection whose other end is silent is given up, and the work goes on with a new one', async (t) => {
  const proxy = await silentProxy(t, await server.freshDatabase());
  const engine = await openPostgres(proxy.url, { queryMs: 300, openMs: 0 });
  await using store = await openStoreOn(engine, { project: 'p' });
  await store.sync(planOf({ a: {} }), SOURCE);
  proxy.silence();
  const [a] = await claimAny(store, 1);
  assert.equal(a?.fence, 1);
  assert.ok(proxy.silenced() > 0, 'a connection had gone silent');
});

test('S0-35 who stops in the middle of a transaction does not keep the others out', async () => {
  const url = await server.freshDatabase();
  await using store = await openStore({ url, project: 'p' });
  await store.sync(planOf({ a: {} }), SOURCE);
  const stopped = await openPostgres(url);
  const inside = Promise.withResolvers<void>();
  const wakes = Promise.withResolvers<void>();
  const sleeping = stopped.write('p', async (tx) => {
    await tx.name;
    inside.resolve();
    await wakes.promise;
  });
  await inside.promise;
  assert.equal((await claimAny(store, 1)).length, 1);
  wakes.resolve();
  const error = await sleeping.catch((late: unknown) => late);
  assert.equal(stopped.judge(error).kind, 'disconnected');
  await stopped[Symbol.asyncDispose]();
});

test('a server without a free connection is asked again, and then named with what to do', async (t) => {
  const address = await server.freshDatabase();
  const url = new URL(address);
  const owner = await admin(t, address);
  await owner.query(`create role narrow login password 'x' connection limit 0`);
  t.after(async () => {
    const last = new pg.Client(address);
    await last.connect();
    await last.query('drop role narrow');
    await last.end();
  });
  url.username = 'narrow';
  url.password = 'x';
  await assert.rejects(openPostgres(url.href, { queryMs: 1_000, openMs: 50 }), (error) => {
    assert.ok(error instanceof CodewalkError);
    assert.equal(error.code, 'STORE_UNREACHABLE');
    assert.match(error.advice ?? '', /max_connections/);
    return true;
  });
});

test('a server that only reads is refused by name', async (t) => {
  const url = await server.freshDatabase();
  const owner = await admin(t, url);
  const name = new URL(url).pathname.slice(1);
  await owner.query(`alter database ${name} set default_transaction_read_only = on`);
  await assert.rejects(openStore({ url, project: 'p' }), (error) => {
    assert.ok(error instanceof CodewalkError);
    assert.equal(error.code, 'STORE_READ_ONLY');
    assert.match(error.advice ?? '', /primary/);
    return true;
  });
});

test('a deadlock and a failed serialization are tried again', async (t) => {
  const url = await server.freshDatabase();
  const [one, two] = [await admin(t, url), await admin(t, url)];
  await one.query('create table pair (id int primary key, n int)');
  await one.query('insert into pair values (1, 0), (2, 0)');
  for (const each of [one, two]) await each.query(`begin; set local deadlock_timeout = '10ms'`);
  await one.query('update pair set n = 1 where id = 1');
  await two.query('update pair set n = 1 where id = 2');
  const both = await Promise.allSettled([
    one.query('update pair set n = 2 where id = 2'),
    two.query('update pair set n = 2 where id = 1').finally(() => two.query('rollback')),
  ]);
  const dead = both.find((each) => each.status === 'rejected');
  assert.equal(dead?.reason.code, '40P01');
  assert.equal(postgresFault(dead?.reason, 'x').kind, 'again');
  await one.query('rollback');

  for (const each of [one, two])
    await each.query('begin isolation level repeatable read; select * from pair');
  await one.query('update pair set n = 3 where id = 1; commit');
  const late = await two.query('update pair set n = 4 where id = 1').catch((error: unknown) => error);
  assert.ok(late instanceof pg.DatabaseError && late.code === '40001');
  assert.equal(postgresFault(late, 'x').kind, 'again');
});

test('a pooler that lets no transactions through is named with what to do', () => {
  const refused = Object.assign(new Error('transaction blocks not allowed in statement pooling mode'), {
    code: '08P01',
  });
  const fault = postgresFault(refused, 'postgres://pool:6432/shop');
  assert.ok(fault.kind === 'final' && fault.error instanceof CodewalkError);
  assert.equal(fault.error.code, 'STORE_POOLER');
  assert.match(fault.error.advice ?? '', /pool_mode/);
});

/** Passes everything on until it is told to be silent: then connections stay open, and nothing comes back on them. */
async function silentProxy(t: TestContext, target: string) {
  const address = new URL(target);
  const sockets = new Set<Socket>();
  const open = new Set<{ isSilent: boolean }>();
  let silenced = 0;
  const proxy = createServer((client) => {
    const upstream = connect(Number(address.port), address.hostname);
    const pair = { isSilent: false };
    open.add(pair);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(pair);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (pair.isSilent) silenced += 1;
      else client.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const listening = proxy.address();
  if (listening === null || typeof listening === 'string') throw new Error('No port');
  const url = new URL(target);
  url.port = String(listening.port);
  return {
    url: url.href,
    silence: () => {
      for (const pair of open) pair.isSilent = true;
    },
    silenced: () => silenced,
  };
}
