import { native } from './native.ts';
import type { ProcessRow } from './process-row.ts';
import { processTable } from './process-table.ts';
import { addDescendants, signalProcess } from './tree.ts';

/** A process that not even SIGKILL ends, such as one that waits in the kernel, is given up after this long. */
const GIVE_UP_MS = 10_000;
const LONGEST_PAUSE_MS = 20;

/** Everything that this process started and that what it started has started, by parents; zombies too. */
export function descendants(): ProcessRow[] {
  const rows = processTable().rows();
  const own = rows.find((row) => row.pid === process.pid);
  if (own === undefined) return [];
  const members = new Map([[own.pid, own]]);
  addDescendants(members, rows);
  members.delete(own.pid);
  return [...members.values()];
}

/**
 * Kills what `members` names until nothing of it runs: all are frozen first, because processes that restart each
 * other would otherwise be a race. Blocks, so that nothing new is started meanwhile, and takes the ends of this
 * process's children from Node: for one that has no more to do. False when something outlived it.
 */
export function killNow(members: () => readonly ProcessRow[] = descendants): boolean {
  const end = performance.now() + GIVE_UP_MS;
  const running = () => members().filter((row) => !row.zombie);
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const found = running();
    if (found.length === 0 && collectAll()) return true;
    if (performance.now() >= end) return found.length === 0;
    for (const row of found) signalProcess(row, 'SIGSTOP');
    for (const row of running()) signalProcess(row, 'SIGKILL');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
  }
}

/** Collects all children that ended. False when some remain that a dying process between still holds. */
function collectAll(): boolean {
  const calls = native();
  if (typeof calls === 'string') return true;
  for (const row of descendants()) if (row.zombie && row.ppid === process.pid) calls.collect(row.pid);
  return descendants().length === 0;
}

/**
 * From now on, descendants that lose their parent become children of this process, so that none leaves its family,
 * and are collected when they end. Returns why that cannot be, or nothing.
 */
export function adoptOrphans(): string | undefined {
  const calls = native();
  if (typeof calls === 'string') return calls;
  if (!calls.becomeSubreaper()) return 'the system refuses it';
  const collector = new ZombieCollector((pid) => calls.collect(pid));
  process.on('SIGCHLD', () => collector.wake());
  return undefined;
}

/** Node collects its own children a moment after they end: who is still a zombie after this long was adopted. */
const SETTLED_MS = 500;

/**
 * Collects adopted children that ended, one by one: waiting for any child would take Node's own from it. Looks only
 * when it is woken by SIGCHLD.
 */
class ZombieCollector {
  readonly #collect: (pid: number) => void;
  #suspects = new Map<number, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(collect: (pid: number) => void) {
    this.#collect = collect;
  }

  wake(): void {
    this.#timer ??= setTimeout(() => this.#look(), SETTLED_MS).unref();
  }

  #look(): void {
    this.#timer = undefined;
    const suspects = new Map<number, string>();
    for (const row of processTable().rows()) {
      if (row.ppid !== process.pid || !row.zombie) continue;
      if (this.#suspects.get(row.pid) === row.startTime) this.#collect(row.pid);
      else suspects.set(row.pid, row.startTime);
    }
    this.#suspects = suspects;
    if (suspects.size > 0) this.wake();
  }
}
