import { stat, statfs } from 'node:fs/promises';
import { diskUse } from './disk-use.ts';

/** How often the free space is asked for: one system call for each file system. */
const ASK_MS = 500;
/** The files are measured when the free space fell by this share of what the tree may still write. */
const SUSPICIOUS = 0.125;
/** They are measured in quiet times too, because somebody else may have freed what the tree took. */
const MEASURE_MS = 30_000;
/** At most this share of the time goes into measuring, unless the free space falls. */
const DUTY = 0.01;

export interface WatchedDirectories {
  readonly roots: readonly string[];
  readonly diskBytes: number;
  /** The processes of the tree. */
  readonly pids: () => Promise<readonly number[]>;
  readonly onExceed: (measured: number) => void;
}

/** Watches what a tree writes to its directories from now on. */
export class DiskWatch {
  readonly #watched: WatchedDirectories;
  readonly #sinceNs = BigInt(Date.now()) * 1_000_000n;
  readonly #ended = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #freeThen: number | undefined;
  #measuredAt = performance.now();
  #measuringTook = 0;
  #bytes = 0;
  #asking: Promise<void> | undefined;

  constructor(watched: WatchedDirectories) {
    this.#watched = watched;
    this.#timer = setInterval(() => void this.#ask(), ASK_MS).unref();
    // What is free now is what a later fall is measured from.
    void this.#ask();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#ended.abort();
  }

  /**
   * Asks once more, for a tree that ended by itself. One that failed may have done so for want of room, whatever the
   * free space says: it is measured in any case.
   */
  async last({ failed }: { failed: boolean }): Promise<void> {
    await this.#asking;
    if (failed) await this.#measure(0);
    else await this.#ask();
  }

  #ask(): Promise<void> {
    this.#asking ??= this.#measureIfDue().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #measureIfDue(): Promise<void> {
    const free = await freeBytes(this.#watched.roots);
    this.#freeThen ??= free;
    if (!this.#ended.signal.aborted && this.#due(this.#freeThen - free)) await this.#measure(free);
  }

  #due(fell: number): boolean {
    const left = Math.max(0, this.#watched.diskBytes - this.#bytes);
    const since = performance.now() - this.#measuredAt;
    return fell >= left * SUSPICIOUS || since >= Math.max(MEASURE_MS, this.#measuringTook / DUTY);
  }

  async #measure(free: number): Promise<void> {
    const { roots, diskBytes, pids, onExceed } = this.#watched;
    const { signal } = this.#ended;
    const startedAt = performance.now();
    this.#bytes = await diskUse({ roots, sinceNs: this.#sinceNs, pids: await pids(), signal });
    this.#measuredAt = performance.now();
    this.#measuringTook = this.#measuredAt - startedAt;
    this.#freeThen = free;
    if (!signal.aborted && this.#bytes > diskBytes) onExceed(this.#bytes);
  }
}

/** Free bytes of the file systems that hold `paths`, each counted once; what is gone counts nothing. */
async function freeBytes(paths: readonly string[]): Promise<number> {
  const devices = new Map<number, number>();
  for (const path of paths) {
    try {
      const { dev } = await stat(path);
      if (devices.has(dev)) continue;
      const { bavail, bsize } = await statfs(path);
      devices.set(dev, bavail * bsize);
    } catch {
      // A directory that its tree removed takes no room.
    }
  }
  return devices.values().reduce((sum, free) => sum + free, 0);
}
