import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { type TestContext, test } from 'node:test';
import { identityOf, ownIdentity } from '../../src/adapters/process/identity.ts';
import { ORCHESTRATOR_MARKER } from '../../src/adapters/process/marker.ts';
import { openStore } from '../../src/adapters/store/open.ts';
import type { ProcessIdentity } from '../../src/core/agents/ports.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { bury } from '../../src/main/takeover.ts';
import { Attempt, planOf, SOURCE } from '../contracts/store-kit.ts';

async function projectOf(t: TestContext): Promise<Store> {
  const store = await openStore({ url: 'sqlite::memory:', project: 'p' });
  t.after(() => store.close());
  await store.sync(planOf({ a: {} }), SOURCE);
  return store;
}

async function idle(t: TestContext, env: Record<string, string> = {}): Promise<ChildProcess> {
  const child = spawn('sleep', ['600'], { stdio: 'ignore', env: { ...process.env, ...env } });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child;
}

function processOf({ pid = 0 }: ChildProcess): ProcessIdentity {
  const identity = identityOf(pid);
  assert.ok(identity !== undefined);
  return identity;
}

function register(store: Store, id: string, process: ProcessIdentity, leaseMs: number): Promise<void> {
  return store.register({ id, host: hostname(), process, version: '1', maxAgents: 1 }, leaseMs);
}

/** An attempt of that orchestrator with this process recorded for its agent. */
async function atWork(store: Store, orchestrator: string, process: ProcessIdentity): Promise<void> {
  const a = await Attempt.start(store, 'a', { orchestrator });
  await a.tell(a.stepStarted(1), {
    type: 'agent.started',
    ...a.about,
    step: 1,
    process,
    sandbox: 'off',
    resumed: false,
  });
}

test('S0-41 the agents of an orchestrator that is stopped past its lease are killed before anybody takes over, and it is not', async (t) => {
  const store = await projectOf(t);
  const stopped = await idle(t);
  const agent = await idle(t, { [ORCHESTRATOR_MARKER]: 'orc_stopped' });
  const verify = await idle(t, { [ORCHESTRATOR_MARKER]: 'orc_stopped' });
  const stranger = await idle(t, { [ORCHESTRATOR_MARKER]: 'orc_other' });
  stopped.kill('SIGSTOP');
  await register(store, 'orc_stopped', processOf(stopped), 0);
  await atWork(store, 'orc_stopped', processOf(agent));
  const ends = [once(agent, 'exit'), once(verify, 'exit')];
  const buried = await bury(store, 'orc_self');
  await Promise.all(ends);
  assert.deepEqual([buried.dead, buried.spared, buried.others], [[], ['orc_self'], 0]);
  assert.deepEqual(buried.stopped.toSorted(), [agent.pid, verify.pid].toSorted());
  assert.deepEqual([stopped.signalCode, stranger.signalCode], [null, null]);
  assert.deepEqual(await store.reclaim(buried.dead, buried.spared), ['a']);
});

test('S0-41 while its lease holds, an orchestrator of this machine is spared, and whoever waits knows how long', async (t) => {
  const store = await projectOf(t);
  const alive = await idle(t);
  const agent = await idle(t, { [ORCHESTRATOR_MARKER]: 'orc_alive' });
  await register(store, 'orc_alive', processOf(alive), 60_000);
  await atWork(store, 'orc_alive', processOf(agent));
  const { dead, spared, others, stopped, nextMs = 0 } = await bury(store, 'orc_self');
  assert.deepEqual([dead, spared, others, stopped], [[], ['orc_self', 'orc_alive'], 1, []]);
  assert.ok(nextMs > 0 && nextMs <= 60_000);
  assert.equal(agent.signalCode, null);
});

test('after a reboot, and on another machine of the same name, nothing is taken for dead and nothing is killed by its number', async (t) => {
  const store = await projectOf(t);
  const stranger = await idle(t);
  const { startTime } = ownIdentity();
  const before = { pid: 4_194_000, startTime, bootId: 'another boot/1' };
  await register(store, 'orc_before', before, 60_000);
  await atWork(store, 'orc_before', { ...processOf(stranger), bootId: 'another boot/1' });
  const early = await bury(store, 'orc_self');
  assert.deepEqual([early.dead, early.others, early.stopped], [[], 1, []]);
  await store.heartbeat('orc_before', { leases: [], names: [], leaseMs: 0 });
  const late = await bury(store, 'orc_self');
  assert.deepEqual([late.dead, late.others, late.stopped], [[], 0, []]);
  assert.deepEqual(await store.reclaim(late.dead, late.spared), ['a']);
  assert.equal(stranger.signalCode, null);
});

test('what an orchestrator left here that another machine has declared lost is killed, and then it is forgotten', async (t) => {
  const store = await projectOf(t);
  const orphan = await idle(t);
  const gone = await idle(t);
  const was = processOf(gone);
  gone.kill('SIGKILL');
  await once(gone, 'exit');
  await register(store, 'orc_gone', was, 0);
  await atWork(store, 'orc_gone', processOf(orphan));
  // From elsewhere, where nobody can see its processes.
  assert.deepEqual(await store.reclaim([]), ['a']);
  const end = once(orphan, 'exit');
  const { dead, stopped } = await bury(store, 'orc_self');
  await end;
  assert.deepEqual([dead, stopped], [[], [orphan.pid]]);
  assert.deepEqual(await store.orchestrators({ lost: true }), []);
});
