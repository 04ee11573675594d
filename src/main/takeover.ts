import { hostname } from 'node:os';
import { isAlive, isOfThisBoot } from '../adapters/process/identity.ts';
import { sweep } from '../adapters/process/sweep.ts';
import type { Buried } from '../core/attempts/engine.ts';
import type { Store } from '../core/tasks/ports.ts';
import type { OrchestratorRecord } from '../core/tasks/task.ts';

/**
 * The first half of taking over from orchestrators that cannot go on, because their process on this machine is gone or
 * their lease ran out: what they left running here is frozen and killed, also when the orchestrator itself still lives
 * (it was stopped, or hangs), so that an old agent never writes beside its successor. What they run on another machine
 * is for the orchestrators of that machine, which do the same with those that somebody else has declared lost.
 */
export async function bury(store: Store, self: string): Promise<Buried & { stopped: readonly number[] }> {
  const others = (await store.orchestrators({ lost: true })).filter(({ id }) => id !== self);
  const here = others.filter(isHere);
  const dead = here.filter((one) => !isAlive(one.process));
  const over = here.filter((one) => dead.includes(one) || one.isLost || one.leaseLeftMs === 0);
  const stopped = await stopProcesses(store, over);
  // Of one that is stopped something may still come; of one that is gone, nothing.
  const forgotten = dead.filter(({ isLost }) => isLost).map(({ id }) => id);
  if (forgotten.length > 0) await store.forget(forgotten);
  const holding = others.filter((one) => !over.includes(one) && !one.isLost && one.leaseLeftMs > 0);
  return {
    stopped,
    dead: dead.filter(({ isLost }) => !isLost).map(({ id }) => id),
    spared: [self, ...here.filter((one) => !over.includes(one)).map(({ id }) => id)],
    others: holding.length,
    nextMs: holding.length === 0 ? undefined : Math.min(...holding.map(({ leaseLeftMs }) => leaseLeftMs)),
  };
}

/**
 * Of this machine, since it was started: what is recorded of an earlier boot cannot run any more, and another machine
 * may have the same name. Both are left to their lease.
 */
function isHere(one: OrchestratorRecord): boolean {
  return one.host === hostname() && isOfThisBoot(one.process);
}

async function stopProcesses(store: Store, over: readonly OrchestratorRecord[]): Promise<readonly number[]> {
  if (over.length === 0) return [];
  const ids = new Set(over.map(({ id }) => id));
  const processes = await store.processes();
  return await sweep({
    // Without an owner: their attempt was taken from whoever held it.
    identities: processes
      .filter(({ owner }) => owner === undefined || ids.has(owner))
      .map(({ process }) => process),
    isDead: (orchestrator) => ids.has(orchestrator),
  });
}
