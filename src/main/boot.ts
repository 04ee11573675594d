import { hostname } from 'node:os';
import { removeStaleFiles } from '../adapters/process/argument-files.ts';
import { ownIdentity } from '../adapters/process/identity.ts';
import { crashPoint } from '../core/crash-points.ts';
import type { TaskId } from '../core/ids.ts';
import type { Store } from '../core/tasks/ports.ts';
import { bury } from './takeover.ts';

/** What a new orchestrator put in order before it began. */
export interface BootReport {
  /** Tasks of a dead orchestrator that are ready to be resumed. */
  readonly reclaimed: readonly TaskId[];
  /** Processes of a dead orchestrator that were stopped. */
  readonly stopped: readonly number[];
  /** How many other orchestrators are at work on the project. */
  readonly others: number;
}

/**
 * Registers this process as an orchestrator, beside whoever else works on the project, and clears up after those that
 * died or lost their lease: first their processes on this machine are stopped, then their tasks are given back, so that
 * an old agent never writes beside its successor.
 */
export async function boot(
  store: Store,
  self: { id: string; version: string; maxAgents: number; leaseMs: number },
): Promise<BootReport> {
  const { id, version, maxAgents, leaseMs } = self;
  await store.register({ id, host: hostname(), process: ownIdentity(), version, maxAgents }, leaseMs);
  crashPoint('boot.registered');
  const { dead, spared, stopped, others } = await bury(store, id);
  await removeStaleFiles();
  crashPoint('boot.buried');
  const reclaimed = await store.reclaim(dead, spared);
  crashPoint('boot.reclaimed');
  return { reclaimed, stopped, others };
}
