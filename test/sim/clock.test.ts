import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chance } from '../../sim/chance.ts';
import { SimEngine } from '../../sim/connection.ts';
import { Database } from '../../sim/database.ts';
import { Machine, WallClock } from '../../sim/machine.ts';
import { SimRoadmap } from '../../sim/roadmap.ts';
import { Schedule } from '../../sim/schedule.ts';
import { openStoreOn } from '../../src/adapters/store/open.ts';

const HOUR = 3_600_000;

test('S0-41 a dead orchestrator keeps its tasks no longer because the database’s clock was set back', async () => {
  const schedule = new Schedule(new Chance(1));
  const wall = new WallClock(schedule);
  using database = new Database(wall);
  const machine = new Machine({ name: 'm', host: { name: 'h', wall }, schedule, chance: new Chance(2) });
  const faults = () => ({ busy: 0, lostRequest: 0, lostAnswer: 0 });
  const engine = new SimEngine({ database, machine, faults, isInstant: true });
  await using store = await openStoreOn(engine, { project: 'p' });
  const { plan, hash } = new SimRoadmap(new Chance(3), 1).plan();
  await store.sync(plan, { path: 'roadmap.yaml', hash });
  const process = { pid: 1, startTime: '1', bootId: 'b' };
  await store.register({ id: 'dead', host: 'far', process, version: '0', maxAgents: 1 }, 10_000);
  const decide = () => ({ claims: plan.tasks.map(({ definition }) => definition.id), wakeAt: undefined });
  await store.claim({ orchestrator: 'dead', freeSlots: 1, leaseMs: 10_000, decide });
  wall.jump(-2 * HOUR);
  assert.deepEqual(await store.reclaim([]), []);
  wall.jump(9_000);
  assert.deepEqual(await store.reclaim([]), []);
  wall.jump(2_000);
  assert.deepEqual(await store.reclaim([]), ['t1']);
});
