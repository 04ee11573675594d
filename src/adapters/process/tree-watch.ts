import type { LaunchLimits, ProcessIdentity } from '../../core/agents/ports.ts';
import { processTable } from './process-table.ts';
import { type KnownTree, TreeMembers } from './tree-members.ts';
import { type MachinePulse, machinePulse, readUse, sharedOnce, type UseRow } from './use-rows.ts';

type TreeLimit = 'memoryBytes' | 'processes';

export interface WatchedTree {
  readonly leader: ProcessIdentity;
  readonly marker: string;
  readonly limits: Pick<LaunchLimits, TreeLimit>;
  readonly onExceed: (limit: TreeLimit, measured: number) => void;
}

/** How often the machine's pulse is felt, and how old a look at every process may get in quiet times. */
const PULSE_MS = process.platform === 'linux' ? 100 : 1_000;
const LOOK_MS = 1_000;
/** Every process is looked at when somebody took this share of what a tree has left. */
const SUSPICIOUS = 0.25;
/** Less than this is no reason to look: other programs of the machine come and go too. */
const [NOISE_STARTS, NOISE_BYTES] = [16, 32 * 1_048_576];

/** A tree under watch. */
export interface TreeHandle {
  /** Its processes now. */
  pids(): Promise<readonly number[]>;
  end(): void;
}

interface Watched extends WatchedTree, KnownTree {
  processes: number;
  memoryBytes: number;
}

/**
 * Watches how many processes each running tree has, and how much memory. One watch for all trees: every process of
 * the machine is looked at once for all of them, and only when the machine's own figures moved enough to matter, or
 * the last look is a second old. Nothing is read while no tree runs.
 */
class TreeWatch {
  readonly #trees = new Set<Watched>();
  readonly #members = new TreeMembers(
    (pid, marker) => processTable().withEnvironment([pid], marker).length > 0,
  );
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #pulseThen: MachinePulse | undefined;

  add(tree: WatchedTree): TreeHandle {
    const watched: Watched = { ...tree, seen: new Map(), processes: 0, memoryBytes: 0 };
    this.#trees.add(watched);
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#timer ??= setInterval(() => void this.#tick(), PULSE_MS).unref();
    return {
      pids: async () => {
        await this.#look();
        return [...watched.seen.keys()];
      },
      end: () => this.#remove(watched),
    };
  }

  #remove(watched: Watched): void {
    this.#trees.delete(watched);
    if (this.#trees.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #tick(): Promise<void> {
    if (performance.now() - this.#lookedAt >= LOOK_MS || this.#suspicious(machinePulse())) await this.#look();
  }

  /** One look at a time: who asks during one gets that one. */
  #look(): Promise<void> {
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  #suspicious(now: MachinePulse | undefined): boolean {
    const then = this.#pulseThen;
    if (now === undefined || then === undefined) return process.platform === 'linux';
    const [starts, bytes] = [now.lastPid - then.lastPid, now.takenBytes - then.takenBytes];
    // They begin again at the highest.
    if (starts < 0) return true;
    return [...this.#trees].some(({ limits, processes, memoryBytes }) => {
      const left = (limit: number, used: number) =>
        limit === 0 ? Number.POSITIVE_INFINITY : (limit - used) * SUSPICIOUS;
      return (
        starts >= Math.max(NOISE_STARTS, left(limits.processes, processes)) ||
        bytes >= Math.max(NOISE_BYTES, left(limits.memoryBytes, memoryBytes))
      );
    });
  }

  async #lookAtAll(): Promise<void> {
    this.#pulseThen = machinePulse();
    // A machine that is too full to be looked at, for example without a file handle left, is looked at again.
    const rows = await readUse().catch(() => undefined);
    if (rows === undefined) return;
    this.#lookedAt = performance.now();
    const sorted = this.#members.sort(rows, [...this.#trees]);
    for (const [tree, members] of sorted) if (this.#trees.has(tree)) await this.#judge(tree, members);
  }

  async #judge(tree: Watched, members: readonly UseRow[]): Promise<void> {
    tree.processes = members.length;
    tree.memoryBytes = members.reduce((sum, { residentBytes }) => sum + residentBytes, 0);
    const { processes, memoryBytes } = tree.limits;
    if (processes > 0 && tree.processes > processes) return tree.onExceed('processes', tree.processes);
    if (memoryBytes === 0 || tree.memoryBytes <= memoryBytes) return;
    // The sum counts what processes share as often as they are: it can be too high, but never too low.
    const resident = new Map(members.map((row) => [row.pid, row.residentBytes]));
    tree.memoryBytes = await sharedOnce([...resident.keys()], (pid) => resident.get(pid) ?? 0);
    if (tree.memoryBytes > memoryBytes) tree.onExceed('memoryBytes', tree.memoryBytes);
  }
}

/** The watch of this process's trees. */
export const treeWatch = new TreeWatch();
