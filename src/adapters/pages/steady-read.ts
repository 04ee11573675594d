import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Calls of the system that Node has no function for; absent where they cannot be made. */
export interface SwapCalls {
  /** Swaps the files behind two names in one step; false when that failed. */
  exchange(a: string, b: string): boolean;
  /** Does any process have the file open for writing? `undefined` where that cannot be asked. */
  isBeingWritten(fd: number): boolean | undefined;
}

/** A longer page is not read. A roadmap as a whole may have as much. */
const MOST_PAGE_BYTES = 1_048_576;
const WAIT_MS = 10;

/** The bytes behind a name. `foreign`: what is no file of ours to read, such as a link that leads out of the root. */
export type Bytes =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'missing' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'foreign'; readonly why: string };

/**
 * Reads a file that nobody is writing. A link is followed only to a file below `root`, which is where editors put what
 * they link to; the file itself is opened without following anything, and without waiting for a pipe.
 */
export async function steadyRead(path: string, root: string, calls: SwapCalls | undefined): Promise<Bytes> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return { kind: 'missing' };
  const real = found.isSymbolicLink() ? await insideOf(path, root) : path;
  if (real === undefined) return { kind: 'foreign', why: 'It is a link that leads out of the directory.' };
  const handle = await openToRead(real);
  if (handle === undefined) return { kind: 'missing' };
  await using file = handle;
  const stat = await file.stat();
  if (!stat.isFile()) return { kind: 'foreign', why: 'It is no regular file.' };
  const writing = calls?.isBeingWritten(file.fd);
  if (writing === true) return { kind: 'busy' };
  if (stat.size > MOST_PAGE_BYTES) return { kind: 'foreign', why: 'It is larger than 1 MiB.' };
  const bytes = await file.readFile();
  if (writing === false) return { kind: 'bytes', bytes };
  // Where the system does not say so, a file that stays the same for a moment is taken to be finished.
  await sleep(WAIT_MS);
  const after = await file.stat();
  const isStill = after.size === bytes.length && after.mtimeMs === stat.mtimeMs;
  return isStill ? { kind: 'bytes', bytes } : { kind: 'busy' };
}

async function insideOf(path: string, root: string): Promise<string | undefined> {
  const [real, top] = [
    await realpath(path).catch(() => undefined),
    await realpath(root).catch(() => undefined),
  ];
  return real !== undefined && top !== undefined && real.startsWith(top + sep) ? real : undefined;
}

async function openToRead(path: string): Promise<FileHandle | undefined> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  return await open(path, flags).catch(() => undefined);
}
