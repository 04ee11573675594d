import { chmodSync, type Dirent, lstatSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

const DIRECTORY = 0o700;
const READABLE = 0o400;

/** Gives a directory back to its owner when an agent took the permissions away. Nothing where it is gone. */
export function openTop(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() && (stat.mode & DIRECTORY) !== DIRECTORY) chmodSync(path, stat.mode | DIRECTORY);
}

/**
 * The same for everything in it: directories can be read and changed, files read. No link is followed; nothing may be
 * writing there meanwhile.
 */
export function openUp(path: string): void {
  openTop(path);
  for (const entry of entriesOf(path)) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) openUp(below);
    else if (entry.isFile()) {
      const mode = lstatSync(below, { throwIfNoEntry: false })?.mode ?? READABLE;
      if ((mode & READABLE) === 0) chmodSync(below, mode | READABLE);
    }
  }
}

/** Removes a directory with everything in it, also what was made read-only (as Go's module cache). */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    openUp(path);
    rmSync(path, { recursive: true, force: true });
  }
}

/** Nothing where it is gone: a removal that failed may still be going on elsewhere in the tree. */
function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
