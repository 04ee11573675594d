import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, UsageError } from '../../core/errors.ts';
import type { FileCalls } from './file-calls.ts';

/** Without a lock of the kernel: an edit takes milliseconds, and a lock as old as this was left by a dead process. */
const STALE_MS = 10_000;
const PATIENCE_MS = 10_000;
const WAIT_MS = 20;

export interface EditLock extends AsyncDisposable {
  /** What the last holder had noted when it was cut off; empty after one that came to its end. */
  readonly left: string;
  /** Writes down what is about to be done, for the next holder after a crash. */
  note(text: string): Promise<void>;
}

/**
 * Keeps other edits by Codewalk out while it is held; the file `path` stands for it. Throws `UsageError`
 * `ROADMAP_BUSY` when another edit takes longer than anybody waits for, and `ROADMAP_UNWRITABLE`.
 */
export async function lockEdits(
  path: string,
  shownAs: string,
  calls: FileCalls | undefined,
): Promise<EditLock> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(WAIT_MS)) {
    const handle = await take(path, shownAs, calls);
    if (handle === undefined) continue;
    const left = await handle.readFile('utf8').catch(() => '');
    return {
      left,
      async note(text) {
        await handle.truncate(0);
        await handle.write(text, 0);
        await handle.sync();
      },
      async [Symbol.asyncDispose]() {
        // Before it is closed, so that nobody holds a file that is about to lose its name.
        await rm(path, { force: true });
        await handle.close();
      },
    };
  }
  throw new UsageError('ROADMAP_BUSY', `Another edit of ${shownAs} is going on.`, {
    advice: `Try again. If nothing is running, delete ${path}.`,
  });
}

async function take(
  path: string,
  shownAs: string,
  calls: FileCalls | undefined,
): Promise<FileHandle | undefined> {
  try {
    if (calls === undefined) return await create(path);
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const [named, held] = [await stat(path).catch(() => undefined), await handle.stat()];
    if (calls.lock(handle.fd) && named?.ino === held.ino) {
      // Whoever held it may have removed it between the look and the lock.
      if ((await stat(path).catch(() => undefined))?.ino === held.ino) return handle;
    }
    await handle.close();
    return undefined;
  } catch (error) {
    throw new UsageError('ROADMAP_UNWRITABLE', `${shownAs} cannot be changed: ${messageOf(error)}.`, {
      advice: 'Check that you may write into its directory.',
      cause: error,
    });
  }
}

async function create(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx+', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || Date.now() - found.mtimeMs < STALE_MS) return undefined;
  // Of several that find it stale, one can rename it.
  const aside = `${path}-${process.pid}`;
  await rename(path, aside).catch(() => undefined);
  await rm(aside, { force: true });
  return undefined;
}
