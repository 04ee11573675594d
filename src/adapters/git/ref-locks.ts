import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
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

  /** One that was killed may have left locks: it stays written down until they are removed. */
  ended(pid: number, { isKilled }: { isKilled: boolean }): void {
    const path = this.#own.get(pid);
    this.#own.delete(pid);
    if (path !== undefined && !isKilled) rmSync(path, { force: true });
  }

  /**
   * Removes the locks that killed processes of ours have left, and while no other of ours runs also those on refs that
   * nobody else has: a disk that fails may keep git from taking its own away. True when there may have been some.
   */
  async breakThoseOfTheDead(): Promise<boolean> {
    const { dead, isAlone } = this.#known();
    const begun = dead.map((path) => modifiedAt(path) ?? Number.NaN);
    const since = Math.min(...begun.filter((at) => !Number.isNaN(at)));
    const locks = this.#locks().filter(
      (path) => (modifiedAt(path) ?? 0) >= since || (isAlone && this.#isOurs(path)),
    );
    if (dead.length === 0 && locks.length === 0) return false;
    await breakAbandonedLocks(locks);
    for (const path of dead) rmSync(path, { force: true });
    return true;
  }

  /** What is written down of processes that are gone, and whether none is there besides. */
  #known(): { dead: string[]; isAlone: boolean } {
    const names = existsSync(this.#directory) ? readdirSync(this.#directory) : [];
    const paths = names
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => ({ path: join(this.#directory, name), runs: isRunning(name.slice(PREFIX.length)) }));
    const dead = paths.filter(({ runs }) => !runs).map(({ path }) => path);
    return { dead, isAlone: dead.length === paths.length };
  }

  /** Is it the lock of a ref of a task? People and their git have no business there. */
  #isOurs(lock: string): boolean {
    const refs = join(this.#commonDir, 'refs');
    if (lock.startsWith(join(refs, 'codewalk', sep))) return true;
    const branch = relative(join(refs, 'heads'), lock.slice(0, -'.lock'.length));
    return existsSync(join(refs, 'codewalk', 'fences', branch));
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
