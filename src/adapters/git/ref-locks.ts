import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitError } from './git-error.ts';
import { isRunning, markOf } from './process-mark.ts';
import { breakAbandonedLocks } from './stale-lock.ts';

const PREFIX = 'refs-';

/**
 * Which processes of ours change refs. Each is written down while it runs, so that a lock which it leaves when it is
 * killed is known for ours: nobody else would ever remove it, and every git of the repository would wait for it.
 */
export class RefLocks {
  readonly #directory: string;
  readonly #commonDir: string;
  readonly #shadowDir: string;
  /** What was written down of our own, by pid. */
  readonly #own = new Map<number, string>();

  /** `commonDir` has the refs; `shadowDir` is where our git looks for them, and our own directory. */
  constructor({ commonDir, shadowDir }: { commonDir: string; shadowDir: string }) {
    this.#directory = join(shadowDir, 'tmp');
    this.#commonDir = commonDir;
    this.#shadowDir = shadowDir;
  }

  begins(pid: number): void {
    const path = join(this.#directory, `${PREFIX}${markOf(pid)}`);
    this.#own.set(pid, path);
    mkdirSync(this.#directory, { recursive: true });
    writeFileSync(path, '');
  }

  ended(pid: number): void {
    const path = this.#own.get(pid);
    this.#own.delete(pid);
    if (path !== undefined) rmSync(path, { force: true });
  }

  /** Removes the locks that killed processes of ours have left. True when there were such processes. */
  async breakThoseOfTheDead(): Promise<boolean> {
    const dead = this.#ofTheDead();
    if (dead.length === 0) return false;
    const begun = dead.map((path) => modifiedAt(path) ?? Number.NaN);
    const since = Math.min(...begun.filter((at) => !Number.isNaN(at)));
    const locks = this.#locks().filter((path) => (modifiedAt(path) ?? 0) >= since);
    await breakAbandonedLocks(locks);
    for (const path of dead) rmSync(path, { force: true });
    return true;
  }

  #ofTheDead(): string[] {
    if (!existsSync(this.#directory)) return [];
    return readdirSync(this.#directory)
      .filter((name) => name.startsWith(PREFIX) && !isRunning(name.slice(PREFIX.length)))
      .map((name) => join(this.#directory, name));
  }

  #locks(): string[] {
    const refs = join(this.#commonDir, 'refs');
    return [
      // Where git writes them depends on whether there are some. What is written under the lock goes before it.
      ...[this.#shadowDir, this.#commonDir].flatMap((directory) =>
        ['packed-refs.new', 'packed-refs.lock'].map((name) => join(directory, name)),
      ),
      ...readdirSync(refs, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.lock'))
        .map((name) => join(refs, name)),
    ];
  }
}

/** Changes refs, once more when a killed process of ours stood in the way. */
export async function pastDeadLocks<T>(locks: RefLocks, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'GIT_LOCKED') throw error;
    if (!(await locks.breakThoseOfTheDead())) throw error;
    return await change();
  }
}

/** Epoch ms; `undefined` when it is gone. */
function modifiedAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
