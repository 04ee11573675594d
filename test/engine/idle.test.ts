import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildPlan } from '../../src/core/roadmap/plan.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';
import { Rig, task } from './rig.ts';

const HOURS = 6;

test('S0-59 with nothing to do no agent is started and the store is asked less and less, and a new task starts at once', async () => {
  const clock = new SimulatedClock();
  await using rig = await Rig.open({
    tasks: [task('first')],
    agent: () => ({ kind: 'success', text: 'done' }),
    clock,
    stays: true,
  });
  let claims = 0;
  const { claim } = rig.store;
  rig.store.claim = (request) => {
    claims += 1;
    return claim.call(rig.store, request);
  };
  const stop = new AbortController();
  const { orchestrator, tenure } = await rig.orchestrator();
  const end = orchestrator.run(stop.signal);
  await finished(rig, clock, 'first');
  const [looks, turns] = [claims, rig.backend.turns.length];
  await clock.pass(HOURS * 3_600_000);
  assert.ok(claims - looks <= 7 + HOURS * 12, `${claims - looks} looks in ${HOURS} hours`);
  assert.equal(rig.backend.turns.length, turns);

  const plan = buildPlan({ initiatives: [], phases: [], plans: [], tasks: [task('first'), task('second')] });
  const before = clock.now();
  await rig.store.sync(plan, { path: 'roadmap.yaml', hash: 'two' });
  await finished(rig, clock, 'second');
  assert.equal(clock.now(), before, 'no time had to pass');
  stop.abort();
  await clock.rest();
  assert.deepEqual(await end, { kind: 'stopped' });
  await tenure[Symbol.asyncDispose]();
});

/** Lets everything happen that needs no time, until the task is done. */
async function finished(rig: Rig, clock: SimulatedClock, id: string): Promise<void> {
  while ((await rig.states())[id] !== 'done') await clock.rest();
}
