import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergesInOneRepository, mergesOfHosts } from '../../chaos/merges.ts';
import { startPostgres } from '../support/postgres.ts';

const TASKS = 24;
const SOUND = { merged: TASKS, lost: 0, touched: 0, wrong: [] };

test('S0-35 S0-48 two orchestrators in one repository merge each task once and leave a dirty checkout alone', async () => {
  const { shares, perSecond: _, ...found } = await mergesInOneRepository(TASKS);
  assert.deepEqual(found, SOUND);
  assert.equal(shares.length, 2);
});

test('S0-35 S0-48 two orchestrators on clones of one remote merge each task once and leave dirty checkouts alone', async () => {
  await using server = await startPostgres();
  const { shares, perSecond: _, ...found } = await mergesOfHosts(TASKS, await server.freshDatabase());
  assert.deepEqual(found, SOUND);
  assert.equal(shares.length, 2);
});
