import { chmodSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const REMOVE = { recursive: true, force: true, maxRetries: 3 } as const;

/** Removes a directory with everything in it, also directories that were made read-only (as Go's module cache). */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, REMOVE);
  } catch {
    await openUp(path);
    await rm(path, REMOVE);
  }
}

/** The same for the little that a CLI keeps. A link is removed itself. */
export function removeTreeSync(path: string): void {
  try {
    rmSync(path, REMOVE);
  } catch {
    openUpSync(path);
    rmSync(path, REMOVE);
  }
}

async function openUp(path: string): Promise<void> {
  // The removal that failed may still be going on elsewhere in the tree.
  const stat = await lstat(path).catch(unlessGone);
  if (stat?.isDirectory() !== true) return;
  await chmod(path, 0o700).catch(unlessGone);
  for (const name of (await readdir(path).catch(unlessGone)) ?? []) await openUp(join(path, name));
}

function openUpSync(path: string): void {
  if (!lstatSync(path).isDirectory()) return;
  chmodSync(path, 0o700);
  for (const name of readdirSync(path)) openUpSync(join(path, name));
}

function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
