import type { TaskId } from '../ids.ts';
import type { DispatchDecision, DispatchSnapshot } from '../tasks/ports.ts';
import { locksOverlap } from './file-locks.ts';

/** What `decide` sees of a task that could start: pending, and everything it needs is finished. */
export interface ReadyTask {
  readonly id: TaskId;
  readonly priority: number;
  readonly chain: number;
  readonly order: number;
  readonly files: readonly string[];
  readonly notBefore: number | undefined;
  /** Agent role of its first step; decides the provider, which may be parked. */
  readonly agent: string | undefined;
  readonly workflow: string | undefined;
}

/** A task that an orchestrator holds now, with the file locks it has. */
export interface ActiveTask {
  readonly id: TaskId;
  readonly files: readonly string[];
}

export interface DispatchOptions {
  /** Most tasks in work at once over all orchestrators; the free slots of the caller bound it besides. */
  readonly maxAgents?: number;
  /** Name of the provider that would work on the task; `undefined` when no limit can park it. */
  readonly providerOf: (task: ReadyTask) => string | undefined;
}

/**
 * Which ready tasks start now: by priority, then longest remaining chain, then roadmap order, as many as there
 * are free slots. Left out are tasks whose time has not come, whose provider is parked, or whose files overlap
 * with those of a task in work or chosen before. A task that cannot start never holds up those after it.
 */
export function decide(snapshot: DispatchSnapshot, options: DispatchOptions): DispatchDecision {
  const { now, active, parked } = snapshot;
  const room = Math.min(snapshot.freeSlots, (options.maxAgents ?? Number.POSITIVE_INFINITY) - active.length);
  const locks = active.map((task) => task.files).filter((files) => files.length > 0);
  const claims: TaskId[] = [];
  let wakeAt = Number.POSITIVE_INFINITY;
  for (const task of snapshot.ready.toSorted(byUrgency)) {
    const provider = options.providerOf(task);
    const parkedUntil =
      provider !== undefined && Object.hasOwn(parked, provider) ? parked[provider] : undefined;
    const possibleAt = Math.max(task.notBefore ?? 0, parkedUntil ?? 0);
    if (possibleAt > now) {
      wakeAt = Math.min(wakeAt, possibleAt);
      continue;
    }
    if (claims.length >= room || locks.some((files) => locksOverlap(files, task.files))) continue;
    claims.push(task.id);
    if (task.files.length > 0) locks.push(task.files);
  }
  return { claims, wakeAt: Number.isFinite(wakeAt) ? wakeAt : undefined };
}

function byUrgency(a: ReadyTask, b: ReadyTask): number {
  return b.priority - a.priority || b.chain - a.chain || a.order - b.order;
}
