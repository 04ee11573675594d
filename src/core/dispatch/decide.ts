import type { TaskId } from '../ids.ts';
import { needsPerson, phaseOf } from '../resilience/breaker.ts';
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
  readonly agent: string | undefined;
  readonly workflow: string | undefined;
  /** Role of the step where it goes on; absent: of its first one. */
  readonly role: string | undefined;
  /** Somebody has worked on it. */
  readonly begun: boolean;
}

/** A task that an orchestrator holds now, with the file locks it has. */
export interface ActiveTask {
  readonly id: TaskId;
  readonly files: readonly string[];
}

export interface DispatchOptions {
  /** Most tasks in work at once over all orchestrators; the free slots of the caller bound it besides. */
  readonly maxAgents?: number;
  /** No task begins while so many wait for an approval; those begun go on. Absent: no limit. */
  readonly maxWaiting?: number;
  /** Provider accounts that could work on the task, the best first; none when nothing can keep it waiting. */
  readonly accountsOf: (task: ReadyTask) => readonly string[];
}

/** What `decide` answers, with the ready tasks that only a person can let go on, by the account they wait for. */
export interface Dispatch extends DispatchDecision {
  readonly held: Readonly<Record<string, readonly TaskId[]>>;
  /** Those that begin when less work waits for an approval. */
  readonly unreviewed: readonly TaskId[];
}

/**
 * Which ready tasks start now: by priority, then longest remaining chain, then roadmap order, as many as there
 * are free slots. Left out are tasks whose time has not come, whose provider accounts take no work, or whose files
 * overlap with those of a task in work or chosen before, and new ones while too much work waits for an approval. A task that cannot start never holds up those after it.
 */
export function decide(snapshot: DispatchSnapshot, options: DispatchOptions): Dispatch {
  const { now, active } = snapshot;
  const room = Math.min(snapshot.freeSlots, (options.maxAgents ?? Number.POSITIVE_INFINITY) - active.length);
  const locks = active.map((task) => task.files).filter((files) => files.length > 0);
  const claims: TaskId[] = [];
  const trials: { task: TaskId; account: string }[] = [];
  const held: Record<string, TaskId[]> = {};
  const unreviewed: TaskId[] = [];
  const isFull = (snapshot.approvals ?? 0) >= (options.maxWaiting ?? Number.POSITIVE_INFINITY);
  let wakeAt = Number.POSITIVE_INFINITY;
  for (const task of snapshot.ready.toSorted(byUrgency)) {
    if (isFull && !task.begun) {
      unreviewed.push(task.id);
      continue;
    }
    const notBefore = task.notBefore ?? 0;
    const seat = findSeat(snapshot, options.accountsOf(task), trials);
    if (seat.kind === 'person') {
      held[seat.account] ??= [];
      held[seat.account]?.push(task.id);
      continue;
    }
    const possibleAt = seat.kind === 'wait' ? Math.max(notBefore, seat.until) : notBefore;
    if (possibleAt > now) {
      if (Number.isFinite(possibleAt)) wakeAt = Math.min(wakeAt, possibleAt);
      continue;
    }
    if (claims.length >= room || locks.some((files) => locksOverlap(files, task.files))) continue;
    claims.push(task.id);
    if (seat.kind === 'trial') trials.push({ task: task.id, account: seat.account });
    if (task.files.length > 0) locks.push(task.files);
  }
  return { claims, wakeAt: Number.isFinite(wakeAt) ? wakeAt : undefined, trials, held, unreviewed };
}

type Urgency = Pick<ReadyTask, 'priority' | 'chain' | 'order'>;

type Seat =
  | { kind: 'free' }
  | { kind: 'trial'; account: string }
  /** `until` is infinite while another task tries the account: its end wakes whoever waits. */
  | { kind: 'wait'; until: number }
  | { kind: 'person'; account: string };

/** The first account that takes the task, else the soonest that will. */
function findSeat(
  { now, accounts, active }: DispatchSnapshot,
  names: readonly string[],
  trials: readonly { account: string }[],
): Seat {
  let until = Number.POSITIVE_INFINITY;
  let refused: string | undefined;
  let waits = false;
  for (const account of names) {
    const standing = Object.hasOwn(accounts, account) ? accounts[account] : undefined;
    if (standing === undefined) return { kind: 'free' };
    const phase = phaseOf(standing, now);
    if (phase === 'closed') return { kind: 'free' };
    if (phase === 'half-open') {
      const isTried =
        active.some(({ id }) => id === standing.trial) || trials.some((trial) => trial.account === account);
      if (!isTried) return { kind: 'trial', account };
      waits = true;
    } else if (needsPerson(standing)) {
      refused ??= account;
    } else {
      until = Math.min(until, standing.until);
      waits = true;
    }
  }
  if (names.length === 0) return { kind: 'free' };
  return refused === undefined || waits ? { kind: 'wait', until } : { kind: 'person', account: refused };
}

/** The order in which tasks start. */
export function byUrgency(a: Urgency, b: Urgency): number {
  return b.priority - a.priority || b.chain - a.chain || a.order - b.order;
}
