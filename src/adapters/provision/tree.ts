import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { copyFile, lutimes, mkdir, symlink, utimes } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';

const ENTRIES_AT_ONCE = 256;
const COPIES_AT_ONCE = 32;

export interface TreeEntry {
  /** Below the top of the tree; `''` is the top itself. */
  readonly path: string;
  readonly stat: BigIntStats;
  /** Where a symbolic link leads. */
  readonly target?: string;
}

/**
 * Everything below `top` and the top itself, parents first, in a fixed order. A directory that cannot be read is an
 * error, or taken for empty.
 */
export async function walk(top: string, closed: 'error' | 'empty' = 'error'): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [{ path: '', stat: lstatSync(top, { bigint: true }) }];
  for (let index = 0; index < entries.length; index += 1) {
    // In slices, so that a large tree does not hold up everything else.
    if (index % ENTRIES_AT_ONCE === 0) await breathe();
    const entry = entries[index];
    if (entry?.stat.isDirectory() !== true) continue;
    for (const name of namesIn(join(top, entry.path), closed)) {
      const path = join(entry.path, name);
      const stat = lstatSync(join(top, path), { bigint: true });
      entries.push(
        stat.isSymbolicLink() ? { path, stat, target: readlinkSync(join(top, path)) } : { path, stat },
      );
    }
  }
  return entries;
}

function namesIn(directory: string, closed: 'error' | 'empty'): string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch (error) {
    if (closed === 'empty' && (error as NodeJS.ErrnoException).code === 'EACCES') return [];
    throw error;
  }
}

/**
 * A hash that changes with every change to the tree. The kernel sets the time of an inode's last change and no
 * program can set it back, so the contents need not be read. The tree may be renamed as a whole: the top's own time
 * is left out.
 */
export function digestOf(entries: readonly TreeEntry[]): string {
  const hash = createHash('sha256');
  for (const { path, stat, target = '' } of entries) {
    const changed = path === '' ? '' : stat.ctimeNs;
    hash.update(`${path}\0${stat.mode}\0${stat.size}\0${stat.ino}\0${changed}\0${target}\0`);
  }
  return hash.digest('hex');
}

/**
 * Why a tree must not be put into other worktrees, if so: a link that leads out of the worktree would let one task
 * reach what is not its own, and a socket or a device is nothing to copy. `at`: the tree's place in its worktree.
 */
export function unfit(entries: readonly TreeEntry[], at: string): string | undefined {
  for (const { path, stat, target } of entries) {
    const name = join(at, path);
    if (target !== undefined) {
      const leadsTo = relative('/', resolve('/', 'w', dirname(name), target));
      const inside = leadsTo.startsWith(`w${sep}`) && !leadsTo.startsWith(join('w', '.git'));
      if (isAbsolute(target) || !inside) return `${name} is a link to ${target}, which is outside`;
    } else if (!stat.isFile() && !stat.isDirectory()) return `${name} is neither a file nor a directory`;
  }
  return undefined;
}

/**
 * Copies a tree to a place that does not exist: by reflink where the file system can, else byte by byte; never by
 * hardlink, because who writes into such a file writes into all of them. Times and permissions come along.
 */
export async function copyTree(
  entries: readonly TreeEntry[],
  { from, to }: { from: string; to: string },
): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const directories = entries.filter(({ stat }) => stat.isDirectory());
  for (const { path } of directories) await mkdir(join(to, path));
  const rest = entries.filter(({ stat }) => !stat.isDirectory());
  const next = rest.values();
  const copyNext = async () => {
    for (const entry of next) await copyEntry(entry, { from, to });
  };
  await Promise.all(Array.from({ length: COPIES_AT_ONCE }, copyNext));
  // Last, because a file in it changes the time of a directory; the mode, because it may forbid to write.
  for (const { path, stat } of directories.toReversed()) {
    await utimes(join(to, path), seconds(stat.atimeNs), seconds(stat.mtimeNs));
  }
}

async function copyEntry(
  { path, stat, target }: TreeEntry,
  { from, to }: { from: string; to: string },
): Promise<void> {
  const copy = join(to, path);
  if (target === undefined) {
    await copyFile(join(from, path), copy, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    await utimes(copy, seconds(stat.atimeNs), seconds(stat.mtimeNs));
  } else {
    await symlink(target, copy);
    await lutimes(copy, seconds(stat.atimeNs), seconds(stat.mtimeNs));
  }
}

/** Bytes on the disk; 0 for what is not there. */
export async function diskUsage(top: string): Promise<number> {
  if (lstatSync(top, { throwIfNoEntry: false }) === undefined) return 0;
  // An agent may have closed one; its own blocks are counted.
  const blocks = (await walk(top, 'empty')).reduce((sum, { stat }) => sum + stat.blocks, 0n);
  return Number(blocks) * 512;
}

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e9;
}
