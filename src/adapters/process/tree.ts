import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessIdentity } from '../../core/agents/ports.ts';
import type { ProcessRow } from './process-row.ts';
import { startedBefore } from './process-row.ts';
import { processTable, readShort } from './process-table.ts';
import { Slices } from './slices.ts';

/** How long a killed tree may take to vanish. A process in an uninterruptible wait can outlast it. */
const KILL_WAIT_MS = 10_000;
/** How long a namespace may take to end before its members are killed one by one. */
const NAMESPACE_END_MS = 500;

/**
 * A process, what it started, and what those started, also when they left its group or session. A descendant is
 * known by its parent, its group or session, the marker in its environment, or because it was seen before.
 */
export class ProcessTree {
  readonly #leader: ProcessIdentity;
  readonly #marker: string;
  readonly #confined: boolean;
  /** Start times of all members ever seen, by pid. */
  readonly #seen = new Map<number, string>();

  /** `confined`: the leader is not the program itself but what shuts it in. */
  constructor(leader: ProcessIdentity, marker: string, options: { confined: boolean }) {
    this.#leader = leader;
    this.#marker = marker;
    this.#confined = options.confined;
    this.#seen.set(leader.pid, leader.startTime);
  }

  /** The members that run now. Zombies are gone: only their parent can collect them. */
  members(): ProcessRow[] {
    const { pid, startTime } = this.#leader;
    const rows = processTable()
      .rows()
      .filter((row) => !startedBefore(row.startTime, startTime) && row.pid !== process.pid);
    // A group or session id is free for strangers once the pid is theirs.
    const reused = rows.some((row) => row.pid === pid && row.startTime !== startTime);
    const members = new Map<number, ProcessRow>();
    const rest: ProcessRow[] = [];
    for (const row of rows) {
      const inGroup = !reused && (row.pgid === pid || row.sid === pid);
      if (inGroup || this.#seen.get(row.pid) === row.startTime) members.set(row.pid, row);
      else if (!row.zombie) rest.push(row);
    }
    // Whoever has a known parent need not be asked.
    addDescendants(members, rest);
    const unknown = rest.filter((row) => !members.has(row.pid));
    const marked = new Set(
      processTable().withEnvironment(
        unknown.map((row) => row.pid),
        this.#marker,
      ),
    );
    for (const row of unknown) if (marked.has(row.pid)) members.set(row.pid, row);
    if (marked.size > 0) addDescendants(members, unknown);
    for (const row of members.values()) this.#seen.set(row.pid, row.startTime);
    return [...members.values()].filter((row) => !row.zombie);
  }

  /**
   * Signals every member, but not what shuts the others in: that would end at once and take them along. Returns how
   * many were signalled.
   */
  signal(signal: NodeJS.Signals): number {
    const members = this.members().filter((row) => !this.#isWall(row));
    for (const row of members) signalProcess(row, signal);
    return members.length;
  }

  /** The leader of a confined tree, and its child that is the first process of the namespace. */
  #isWall(row: ProcessRow): boolean {
    const leader = this.#leader.pid;
    return this.#confined && (row.pid === leader || (row.ppid === leader && isFirstOfNamespace(row.pid)));
  }

  /** Waits until no member runs. False when some still do after `timeoutMs`. */
  async gone(timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    for (let pauseMs = 2; this.members().length > 0; pauseMs = Math.min(pauseMs * 2, 50)) {
      if (performance.now() >= end) return false;
      await delay(pauseMs);
    }
    return true;
  }

  /**
   * Kills every member and waits until all are gone. When the first process of a namespace ends, the system kills all
   * others in it at once, however many they are and however fast they multiply.
   */
  async kill(): Promise<boolean> {
    const walls = this.members().filter((row) => this.#isWall(row));
    for (const row of walls) signalProcess(row, 'SIGKILL');
    if (walls.length > 0 && (await this.gone(NAMESPACE_END_MS))) return true;
    return killAll(() => this.members());
  }
}

/**
 * Kills what `members` names until it names nothing and everything killed is gone. They are frozen first: processes
 * that restart each other would otherwise be a race. What is killed is remembered, because a process that is being
 * taken down has lost its environment and its parent, by which it was found, before it is gone.
 */
export async function killAll(members: () => readonly ProcessRow[]): Promise<boolean> {
  const end = performance.now() + KILL_WAIT_MS;
  let killed = new Map<number, ProcessRow>();
  // There may be thousands.
  const slices = new Slices();
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    const found = members();
    if (found.length === 0 && killed.size === 0) return true;
    if (performance.now() >= end) return false;
    for (const row of found) {
      signalProcess(row, 'SIGSTOP');
      await slices.rest();
    }
    for (const row of members()) {
      signalProcess(row, 'SIGKILL');
      killed.set(row.pid, row);
      await slices.rest();
    }
    await delay(pauseMs);
    killed = new Map([...killed].filter(([, row]) => isThere(row)));
  }
}

/** See proc_pid_status(5): the pids of a process in each namespace, its own last. */
function isFirstOfNamespace(pid: number): boolean {
  return /^NSpid:.*\t1$/m.test(readShort(`/proc/${pid}/status`) ?? '');
}

/** Is it still this very process, and more than a zombie? */
function isThere(row: ProcessRow): boolean {
  const now = processTable().row(row.pid);
  return now !== undefined && now.startTime === row.startTime && !now.zombie;
}

/** Moves every row of `rest` whose chain of parents leads to a member into `members`. */
export function addDescendants(members: Map<number, ProcessRow>, rest: readonly ProcessRow[]): void {
  for (let grew = true; grew; ) {
    grew = false;
    for (const row of rest) {
      if (members.has(row.pid) || !members.has(row.ppid)) continue;
      members.set(row.pid, row);
      grew = true;
    }
  }
}

/** Signals one process, unless its pid belongs to another one by now. */
export function signalProcess(row: ProcessRow, signal: NodeJS.Signals): void {
  if (processTable().row(row.pid)?.startTime !== row.startTime) return;
  try {
    process.kill(row.pid, signal);
  } catch {
    // Gone since, or not ours to signal: the next look tells.
  }
}
