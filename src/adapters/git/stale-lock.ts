import { existsSync, readFileSync, rmSync } from 'node:fs';
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

/** Removes locks that nobody says is theirs. A git at work holds one for milliseconds: it gets a second. */
export async function breakAbandonedLocks(locks: readonly string[]): Promise<void> {
  const giveUpAt = performance.now() + HELD_MS;
  for (const lock of locks) {
    while (existsSync(lock) && performance.now() < giveUpAt) await sleep(POLL_MS);
    rmSync(lock, { force: true });
  }
}

function runningOwner(ownerFile: string): number | undefined {
  const pid = existsSync(ownerFile) ? Number(readFileSync(ownerFile, 'utf8')) : Number.NaN;
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
    // The number may have gone to another program since.
    const comm = `/proc/${pid}/comm`;
    return existsSync(comm) && !readFileSync(comm, 'utf8').startsWith('git') ? undefined : pid;
  } catch {
    return undefined;
  }
}
