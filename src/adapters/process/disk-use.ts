import type { BigIntStats, Dir } from 'node:fs';
import { lstatSync, opendirSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Slices } from './slices.ts';

const BLOCK_BYTES = 512;
/** How many directory entries are read at once. */
const BATCH = 256;

export interface DiskQuestion {
  readonly roots: readonly string[];
  /** Only what was made or changed from this time on counts, epoch ns. */
  readonly sinceNs: bigint;
  /** Processes that may hold files open which have no name any more. */
  readonly pids: readonly number[];
  readonly signal: AbortSignal;
}

/**
 * Bytes on disk of what below `roots` was made or changed since then: by blocks, so that a sparse file counts what it
 * takes, and a file with several names once. Symbolic links are not followed. Works in slices of a few milliseconds,
 * so that everything else goes on; what vanishes meanwhile is not counted. Ends early when `signal` aborts.
 */
export async function diskUse({ roots, sinceNs, pids, signal }: DiskQuestion): Promise<number> {
  const counted = new Set<string>();
  let bytes = 0;
  const count = (stats: BigIntStats) => {
    if (stats.ctimeNs < sinceNs) return;
    const id = `${stats.dev}:${stats.ino}`;
    if (stats.nlink > 1n || stats.nlink === 0n) {
      if (counted.has(id)) return;
      counted.add(id);
    }
    bytes += Number(stats.blocks) * BLOCK_BYTES;
  };
  const slices = new Slices();
  for (const entry of entries(roots)) {
    if (signal.aborted) return bytes;
    const stats = attempt(() => lstatSync(entry, { bigint: true }));
    if (stats !== undefined && !stats.isDirectory()) count(stats);
    await slices.rest();
  }
  for (const stats of nameless(pids)) count(stats);
  return bytes;
}

/** Every path below `roots`, each directory before what it holds. */
function* entries(roots: readonly string[]): Generator<string> {
  const directories = [...roots];
  for (let at = directories.pop(); at !== undefined; at = directories.pop()) {
    const path = at;
    const directory = attempt(() => opendirSync(path, { bufferSize: BATCH }));
    if (directory === undefined) continue;
    try {
      for (let entry = next(directory); entry !== undefined; entry = next(directory)) {
        const child = join(path, entry.name);
        if (entry.isDirectory()) directories.push(child);
        yield child;
      }
    } finally {
      directory.closeSync();
    }
  }
}

function next(directory: Dir) {
  return attempt(() => directory.readSync()) ?? undefined;
}

/** Files that a process holds open and nobody else can find: they take room until it ends. */
function* nameless(pids: readonly number[]): Generator<BigIntStats> {
  for (const pid of pids) {
    const directory = `/proc/${pid}/fd`;
    for (const fd of attempt(() => readdirSync(directory)) ?? []) {
      const path = `${directory}/${fd}`;
      if (attempt(() => readlinkSync(path))?.endsWith(' (deleted)') !== true) continue;
      const stats = attempt(() => statSync(path, { bigint: true }));
      if (stats?.isFile() === true && stats.nlink === 0n) yield stats;
    }
  }
}

/** `undefined` for what is gone, or not ours to see. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
