import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '../../../test/support/simulated-clock.ts';
import { type ObjectId, taskId } from '../ids.ts';
import type { NamedLease } from '../tasks/ports.ts';
import { MergeQueue, type MergeQueueDeps, type MergeRequest } from './merge-queue.ts';

const MERGE_MS = 100;
const EACH = 20;
const COMMIT = 'a'.repeat(40) as ObjectId;

/** One lease for all, as the store has it: the fence rises when it is taken after it was given up. */
class Leases {
  owner: string | undefined;
  fence = 0;

  async acquire(name: string, owner: string): Promise<NamedLease | { heldBy: string; until: number }> {
    if (this.owner !== undefined && this.owner !== owner) return { heldBy: this.owner, until: 0 };
    if (this.owner === undefined) this.fence += 1;
    this.owner = owner;
    return { name, fence: this.fence };
  }

  async release(_lease: NamedLease, owner: string): Promise<void> {
    if (this.owner === owner) this.owner = undefined;
  }
}

/** The queue of one orchestrator, whose merges take `MERGE_MS` each; only what a merge without a check asks of others. */
function queueOf(
  orchestrator: string,
  shared: { clock: SimulatedClock; leases: Leases; order: string[]; names: readonly string[] },
): MergeQueue {
  const { clock, leases, order, names } = shared;
  return new MergeQueue({
    clock,
    orchestrator,
    config: {
      merge: { integrationBranch: 'cw/integration', strategy: 'merge', target: undefined },
      lease: { leaseMs: 10_000 },
    },
    store: {
      acquire: (name: string, owner: string) => leases.acquire(name, owner),
      release: (lease: NamedLease, owner: string) => leases.release(lease, owner),
      orchestrators: async () => names,
    },
    integration: {
      ensureBranch: async () => COMMIT,
      merge: async () => ({ kind: 'merged', commit: COMMIT, tree: COMMIT }),
      advance: async () => {
        await clock.sleep(MERGE_MS);
        order.push(orchestrator);
        return 'advanced';
      },
    },
  } as unknown as MergeQueueDeps);
}

/** Who merged, in order, after so much time. */
async function mergedBy(names: readonly string[], passMs: number): Promise<readonly string[]> {
  const shared = { clock: new SimulatedClock(), leases: new Leases(), order: [], names };
  for (const name of names) {
    const queue = queueOf(name, shared);
    for (let each = 0; each < EACH; each += 1) void queue.merge(request(`${name}-${each}`));
  }
  await shared.clock.pass(passMs);
  return shared.order;
}

function request(id: string): MergeRequest {
  return {
    task: taskId.parse(id),
    workspace: {},
    head: COMMIT,
    signal: new AbortController().signal,
    journal: { note: () => {}, commit: async () => {} },
    isOutdated: async () => false,
  } as unknown as MergeRequest;
}

function longestRun(order: readonly string[]): number {
  let [longest, run] = [0, 0];
  for (const [index, name] of order.entries()) {
    run = name === order[index - 1] ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return longest;
}

test('S0-35 busy orchestrators merge by turns: none keeps the others waiting until its own work is done', async () => {
  const order = await mergedBy(['one', 'two'], 60_000);
  assert.equal(order.length, 2 * EACH);
  assert.ok(longestRun(order.slice(0, EACH)) <= 6, order.join(' '));
});

test('one that merges alone does not wait for others', async () => {
  const order = await mergedBy(['one'], EACH * MERGE_MS);
  assert.equal(order.length, EACH);
});

test('a heartbeat that misses a lease which was passed on meanwhile does not end the one that is held', async () => {
  const clock = new SimulatedClock();
  const queue = queueOf('one', { clock, leases: new Leases(), order: [], names: ['one'] });
  const merged = queue.merge(request('a'));
  await clock.pass(MERGE_MS / 2);
  const held = queue.heldLease;
  assert.ok(held !== undefined);
  queue.leaseLost({ ...held, fence: held.fence - 1 });
  assert.deepEqual(queue.heldLease, held);
  queue.leaseLost(held);
  assert.equal(queue.heldLease, undefined);
  await clock.pass(MERGE_MS);
  assert.equal((await merged).kind, 'merged');
});
