import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crashPoint } from '../../core/crash-points.ts';
import { messageOf, UsageError } from '../../core/errors.ts';
import { hashOf, readRoadmapBytes } from './roadmap-file.ts';

/** Another edit takes milliseconds; a lock as old as this was left by a process that died. */
const STALE_MS = 10_000;
const TRIES = 40;
const WAIT_MS = 50;

/**
 * Replaces a roadmap file by what `edit` makes of its bytes, in one step: readers and crashes see the old file or
 * the new one. The new file is written beside the old one under one fixed name, which is also the lock between
 * edits by Codewalk. An edit by anybody else in the meantime is noticed and refused with `ROADMAP_CHANGED`.
 */
export async function editFile(
  path: string,
  shownAs: string,
  edit: (bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  // A link stays a link: what it points to is replaced.
  const target = await realpath(path).catch(() => path);
  await readRoadmapBytes(target, shownAs);
  const next = join(dirname(target), `.${basename(target)}.cw-edit`);
  const file = await lock(next, shownAs);
  crashPoint('edit.locked');
  try {
    const before = await readRoadmapBytes(target, shownAs);
    const { mode } = await stat(target);
    await file.writeFile(edit(before));
    await file.chmod(mode & 0o777);
    crashPoint('edit.written');
    await file.sync();
    crashPoint('edit.synced');
    await file.close();
    if (hashOf(await readRoadmapBytes(target, shownAs)) !== hashOf(before)) {
      throw new UsageError('ROADMAP_CHANGED', `${shownAs} was changed by somebody else at the same moment.`, {
        advice: 'Nothing was written. Try again.',
      });
    }
    await rename(next, target);
    crashPoint('edit.renamed');
  } catch (error) {
    await file.close();
    await rm(next, { force: true });
    throw error;
  }
  await syncDirectory(dirname(target));
  crashPoint('edit.durable');
}

async function lock(next: string, shownAs: string): Promise<Awaited<ReturnType<typeof open>>> {
  for (let tries = 1; ; tries++) {
    try {
      return await open(next, 'wx', 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new UsageError('ROADMAP_UNWRITABLE', `${shownAs} cannot be changed: ${messageOf(error)}.`, {
          advice: 'Check that you may write into its directory.',
          cause: error,
        });
      }
    }
    const age = await stat(next).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > STALE_MS) await rm(next, { force: true });
    else if (tries < TRIES) await sleep(WAIT_MS);
    else {
      throw new UsageError('ROADMAP_BUSY', `Another edit of ${shownAs} is going on.`, {
        advice: `Try again. If nothing is running, delete ${next}.`,
      });
    }
  }
}

/** The new name is safe against a power cut only when the directory is on disk too. */
async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, 'r');
  await handle.sync();
}
