import { hostname } from 'node:os';
import { removeStaleFiles } from '../adapters/process/argument-files.ts';
import { isAlive, ownIdentity } from '../adapters/process/identity.ts';
import { sweep } from '../adapters/process/sweep.ts';
import { crashPoint } from '../core/crash-points.ts';
import { UsageError } from '../core/errors.ts';
import type { TaskId } from '../core/ids.ts';
import type { Store } from '../core/tasks/ports.ts';
import { ACTIVE_STATES } from '../core/tasks/states.ts';
import type { OrchestratorRecord } from '../core/tasks/task.ts';

/** What a new orchestrator put in order before it began. */
export interface BootReport {
  /** Tasks of a dead orchestrator that are ready to be resumed. */
  readonly reclaimed: readonly TaskId[];
  /** Processes of a dead orchestrator that were stopped. */
  readonly stopped: readonly number[];
}

/**
 * Registers this process as an orchestrator and clears up after those that died on this machine: first their
 * processes are stopped, then their tasks are given back, so that an old agent never writes beside its successor.
 * Without `join` it refuses (`ALREADY_RUNNING`) while another live orchestrator works on the project.
 */
export async function boot(
  store: Store,
  self: { id: string; version: string; maxAgents: number },
  options: { join: boolean },
): Promise<BootReport> {
  await store.register({
    id: self.id,
    host: hostname(),
    process: ownIdentity(),
    version: self.version,
    maxAgents: self.maxAgents,
  });
  crashPoint('boot.registered');
  const alive = (await store.orchestrators()).filter((one) => !isDeadHere(one));
  const first = alive.toSorted((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1))[0];
  if (!options.join && first !== undefined && first.id !== self.id) {
    await store.deregister(self.id, 'another orchestrator is at work');
    throw new UsageError(
      'ALREADY_RUNNING',
      `Codewalk is already running on this project: process ${first.process.pid} on ${first.host}`,
      {
        advice:
          'Watch it with `cw status`, stop it with Ctrl+C there, or add a second one with `cw run --join`.',
      },
    );
  }
  const { dead, stopped } = await buryDead(store);
  await removeStaleFiles();
  crashPoint('boot.buried');
  const reclaimed = await store.reclaim(dead);
  crashPoint('boot.reclaimed');
  return { reclaimed, stopped };
}

/** Stops what orchestrators left running whose process on this machine is gone; the first half of taking over. */
export async function buryDead(
  store: Store,
): Promise<{ dead: readonly string[]; stopped: readonly number[] }> {
  const dead = (await store.orchestrators()).filter(isDeadHere);
  const stopped = await stopLeftovers(store, dead);
  return { dead: dead.map(({ id }) => id), stopped };
}

/** Only a process of this machine can be known to be dead; others are left to their lease. */
function isDeadHere(one: OrchestratorRecord): boolean {
  return one.host === hostname() && !isAlive(one.process);
}

async function stopLeftovers(store: Store, dead: readonly OrchestratorRecord[]): Promise<readonly number[]> {
  if (dead.length === 0) return [];
  const gone = new Set(dead.map(({ id }) => id));
  const tasks = await store.tasks({ states: ACTIVE_STATES });
  const orphaned = new Set(
    tasks.filter(({ owner }) => owner !== undefined && gone.has(owner)).map(({ id }) => id),
  );
  const processes = await store.processes();
  return await sweep({
    identities: processes.filter(({ task }) => orphaned.has(task)).map(({ process }) => process),
    isDead: (orchestrator) => gone.has(orchestrator),
  });
}
