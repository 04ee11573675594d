import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodewalkError } from '../../core/errors.ts';

const WAIT_MS = 30_000;
const POLL_MS = 50;
const HELD_MS = 1_000;

/**
 * Removes a lock file whose owner is gone. Waits while the process named in `ownerFile` runs: a git of an
 * orchestrator that was killed goes on to its end. Throws `GIT_LOCKED` when that takes too long.
 */
export async function breakStaleLock({
  lock,
  ownerFile,
  where,
}: {
  lock: string;
  ownerFile: string;
  where: string;
}): Promise<void> {
  const giveUpAt = performance.now() + WAIT_MS;
  while (existsSync(lock)) {
    const owner = runningOwner(ownerFile);
    if (owner === undefined) return rmSync(lock, { force: true });
    if (performance.now() > giveUpAt) {
      throw new CodewalkError('GIT_LOCKED', `Process ${owner} still works in ${where}`, {
        advice: `Wait for it, or end it: kill ${owner}`,
      });
    }
    await sleep(POLL_MS);
  }
}

/**
 * Removes locks that nobody says is theirs. A git at work holds one for milliseconds: it gets a second, and one that
 * was given back and taken again meanwhile is not abandoned.
 */
export async function breakAbandonedLocks(locks: readonly string[]): Promise<void> {
  const found = locks.map((lock) => ({ lock, id: idOf(lock) })).filter(({ id }) => id !== undefined);
  const giveUpAt = performance.now() + HELD_MS;
  for (const { lock, id } of found) {
    while (idOf(lock) === id && performance.now() < giveUpAt) await sleep(POLL_MS);
    if (idOf(lock) === id) rmSync(lock, { force: true });
  }
}

/** Tells a file from a later one of the same name. */
function idOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.ino} ${found.ctimeNs}`;
}

function runningOwner(ownerFile: string): number | undefined {
  const pid = existsSync(ownerFile) ? Number(readFileSync(ownerFile, 'utf8')) : Number.NaN;
  return isRunningGit(pid) ? pid : undefined;
}

/** Is there a process of that number, and is it git? The number may have gone to another program since. */
function isRunningGit(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    // Ended and not yet collected, it does nothing any more.
    return !existsSync(stat) || /^\d+ \(git[^)]*\) [^ZX]/.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}
