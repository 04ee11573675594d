import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { committed, staleIn } from '../../chaos/git-server.ts';
import { partitionsOfPlan } from '../../chaos/partitions.ts';
import { TcpProxy } from '../../chaos/tcp-proxy.ts';
import { startPostgres } from '../support/postgres.ts';

test('S0-58 a host that was cut off from the database and the remote past its lease changes nothing any more', async () => {
  await using server = await startPostgres();
  const report = await partitionsOfPlan({
    database: await server.freshDatabase(),
    most: 1,
    tasks: 8,
    seed: 1,
    cuts: [{ side: 'both', how: 'stall' }],
  });
  const { cuts, overtaken, stale, stalePushes, wrong } = report;
  assert.deepEqual({ stale, stalePushes, wrong }, { stale: 0, stalePushes: [], wrong: [] });
  assert.deepEqual(cuts, [{ side: 'both', how: 'stall' }]);
  assert.equal(overtaken, 1);
});

const [NONE, OLD, NEW, WORK] = ['0'.repeat(40), 'a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)];
const COMMITS = new Map([
  [OLD, { task: 't', fence: 1 }],
  [NEW, { task: 't', fence: 2 }],
  [WORK, { task: 't', fence: 0 }],
]);
const FENCE = 'refs/codewalk/fences/cw/t';

/** What the remote writes down of one transaction. */
const taken = (process: number, ...moves: string[]) =>
  ['prepared', 'committed'].flatMap((state) => moves.map((move) => `${state} ${process} ${move}`)).join('\n');

test('a push of an older attempt than the newest at the remote is counted as stale', () => {
  const log = [
    taken(1, `${NONE} ${OLD} ${FENCE}`),
    taken(2, `${OLD} ${NEW} ${FENCE}`),
    taken(3, `${NEW} ${OLD} ${FENCE}`, `${NONE} ${WORK} refs/heads/cw/t`),
  ].join('\n');
  assert.deepEqual(staleIn(committed(log), COMMITS), ['t was pushed with fence 1 after 2']);
});

test('a merge that is pushed without the fence of its task is counted as stale, one that was given up is not', () => {
  const merge = `${OLD} ${WORK} refs/heads/cw/integration`;
  assert.deepEqual(staleIn(committed(taken(1, merge)), COMMITS), [
    'refs/heads/cw/integration was moved for t without its fence',
  ]);
  assert.deepEqual(committed(`prepared 1 ${merge}\naborted 1 ${merge}`), []);
});

test('what a stalled connection holds back gets through when it heals, what is swallowed never does', async () => {
  const heard: string[] = [];
  const { promise: got, resolve } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard.push(chunk.toString());
      if (chunk.toString().includes('late')) resolve();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  {
    await using proxy = await TcpProxy.open(port);
    const lost = connect(proxy.port, '127.0.0.1');
    lost.on('error', () => {});
    await once(lost, 'connect');
    const broken = once(lost, 'close');
    proxy.cut('swallow');
    lost.write('lost');
    // Its end comes after what it wrote.
    proxy.heal();
    await broken.catch(() => {});
    proxy.cut('stall');
    const late = connect(proxy.port, '127.0.0.1');
    late.end('late');
    await once(late, 'connect');
    assert.deepEqual(heard, []);
    proxy.heal();
    await got;
    assert.deepEqual(heard, ['late']);
  }
  server.close();
});
