import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { rename, rm, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import * as z from 'zod';
import { copyTree, digestOf, diskUsage, unfit, walk } from './tree.ts';

const MASTER = 'master';
const SPARE = 'spare-';
/** Names that are not ready, or not any more: what a crash leaves under them is never used. */
const PASSING = '.passing-';
const DESCRIPTION = 'seed.json';

/** Written last into a seed that is being made. One digest for each path; the trees are named 0, 1, … beside it. */
const description = z.object({ paths: z.array(z.string()), digests: z.array(z.string()) });
type Description = z.infer<typeof description>;

export interface StoredSeed {
  readonly key: string;
  readonly bytes: number;
  /** Epoch ms. */
  readonly usedAt: number;
}

/**
 * What setup commands made, kept by key below one directory:
 *
 * ```
 * <key>/master/     the copy that others are copied from
 * <key>/spare-…/    one that a finished task gave back untouched; it is given away by a rename
 * ```
 *
 * Everything appears and disappears by renames, so that any number of orchestrators may use it at once.
 */
export class SeedStore {
  readonly #directory: string;
  readonly #mostSpares: number;

  constructor(directory: string, options: { mostSpares: number }) {
    this.#directory = directory;
    this.#mostSpares = options.mostSpares;
  }

  /** Puts the seed into `worktree`, in place of what is there. Returns the digests of its trees, or nothing on a miss. */
  async place(key: string, paths: readonly string[], worktree: string): Promise<string[] | undefined> {
    const home = join(this.#directory, key);
    if (!existsSync(home)) return undefined;
    for (const path of paths) clearParent(worktree, path);
    const now = new Date();
    await utimes(join(home, MASTER, DESCRIPTION), now, now).catch(() => undefined);
    const spare = await this.#takeSpare(home);
    if (spare !== undefined) {
      const { digests } = spare.description;
      for (const [index, path] of paths.entries()) {
        await rm(join(worktree, path), { recursive: true, force: true });
        await rename(join(spare.path, String(index)), join(worktree, path));
      }
      await rm(spare.path, { recursive: true, force: true });
      return digests;
    }
    return await this.#copyMaster(join(home, MASTER), paths, worktree);
  }

  /** Keeps what is in `worktree` for others. Returns why not, when it cannot be kept. */
  async keep(key: string, paths: readonly string[], worktree: string): Promise<string | undefined> {
    const home = join(this.#directory, key);
    if (existsSync(join(home, MASTER))) return undefined;
    mkdirSync(home, { recursive: true });
    const making = join(home, `${PASSING}${unique()}`);
    mkdirSync(making);
    try {
      const digests: string[] = [];
      for (const [index, path] of paths.entries()) {
        const from = join(worktree, path);
        if (lstatSync(from, { throwIfNoEntry: false })?.isDirectory() !== true)
          return `setup made no directory ${path}`;
        if (!isBelow(worktree, from)) return `${path} is reached through a link`;
        const entries = await walk(from);
        const problem = unfit(entries, path);
        if (problem !== undefined) return problem;
        await copyTree(entries, { from, to: join(making, String(index)) });
        digests.push(digestOf(await walk(join(making, String(index)))));
      }
      await describe(making, { paths: [...paths], digests });
      await renameUnlessThere(making, join(home, MASTER));
      return undefined;
    } finally {
      await rm(making, { recursive: true, force: true });
    }
  }

  /**
   * Takes back from a worktree that is given up what is exactly as it was put there, by a rename. Whatever the task
   * changed stays where it is, to be deleted with the worktree.
   */
  async giveBack(
    key: string,
    seed: { paths: readonly string[]; digests: readonly string[] },
    worktree: string,
  ): Promise<boolean> {
    const home = join(this.#directory, key);
    if (!existsSync(join(home, MASTER)) || this.#spares(home).length >= this.#mostSpares) return false;
    for (const [index, path] of seed.paths.entries()) {
      const from = join(worktree, path);
      if (lstatSync(from, { throwIfNoEntry: false })?.isDirectory() !== true || !isBelow(worktree, from))
        return false;
      if (digestOf(await walk(from)) !== seed.digests[index]) return false;
    }
    const making = join(home, `${PASSING}${unique()}`);
    mkdirSync(making);
    for (const [index, path] of seed.paths.entries()) {
      await rename(join(worktree, path), join(making, String(index)));
    }
    await describe(making, { paths: [...seed.paths], digests: [...seed.digests] });
    await rename(making, join(home, `${SPARE}${unique()}`));
    return true;
  }

  /** What is kept, with its size and when a worktree last got it. */
  async list(): Promise<StoredSeed[]> {
    const keys = existsSync(this.#directory) ? readdirSync(this.#directory) : [];
    return await Promise.all(
      keys.map(async (key) => {
        const home = join(this.#directory, key);
        const used = statSync(join(home, MASTER, DESCRIPTION), { throwIfNoEntry: false });
        return { key, bytes: await diskUsage(home), usedAt: (used ?? statSync(home)).mtimeMs };
      }),
    );
  }

  /** A worktree that is getting it at this moment runs its setup instead. */
  async remove(key: string): Promise<void> {
    await discard(join(this.#directory, key, MASTER));
    await rm(join(this.#directory, key), { recursive: true, force: true });
  }

  async #takeSpare(home: string): Promise<{ path: string; description: Description } | undefined> {
    for (const name of this.#spares(home)) {
      const path = join(home, `${PASSING}${unique()}`);
      try {
        await rename(join(home, name), path);
      } catch (error) {
        // Another task was faster.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        throw error;
      }
      const described = readDescription(path);
      if (described !== undefined) return { path, description: described };
      await rm(path, { recursive: true, force: true });
    }
    return undefined;
  }

  async #copyMaster(
    master: string,
    paths: readonly string[],
    worktree: string,
  ): Promise<string[] | undefined> {
    const described = readDescription(master);
    if (described === undefined) return undefined;
    const digests: string[] = [];
    for (const [index, path] of paths.entries()) {
      const from = join(master, String(index));
      const entries = existsSync(from) ? await walk(from) : [];
      if (entries.length === 0 || digestOf(entries) !== described.digests[index]) {
        // Changed since it was made: nobody can say what is in it.
        await discard(master);
        return undefined;
      }
      const to = join(worktree, path);
      await rm(to, { recursive: true, force: true });
      await copyTree(entries, { from, to });
      digests.push(digestOf(await walk(to)));
    }
    return digests;
  }

  #spares(home: string): string[] {
    return readdirSync(home).filter((name) => name.startsWith(SPARE));
  }
}

/** Renamed first, so that nobody finds half of it. */
async function discard(directory: string): Promise<void> {
  const aside = join(dirname(directory), `${PASSING}${unique()}-${basename(directory)}`);
  await rename(directory, aside).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}

async function describe(directory: string, value: Description): Promise<void> {
  await writeFile(join(directory, DESCRIPTION), JSON.stringify(value));
}

function readDescription(directory: string): Description | undefined {
  try {
    return description.parse(JSON.parse(readFileSync(join(directory, DESCRIPTION), 'utf8')));
  } catch {
    return undefined;
  }
}

async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/** Makes the directory above `path`. A link on the way, which the repository may hold, would lead elsewhere: refused. */
function clearParent(worktree: string, path: string): void {
  const parent = dirname(join(worktree, path));
  let existing = parent;
  while (!existsSync(existing)) existing = dirname(existing);
  if (!isBelow(worktree, existing)) throw new Error(`${path} is reached through a link`);
  mkdirSync(parent, { recursive: true });
}

function isBelow(worktree: string, path: string): boolean {
  const top = realpathSync(worktree);
  const real = realpathSync(path);
  return (
    real === top ||
    (real.startsWith(`${top}${sep}`) && real.slice(top.length) === path.slice(worktree.length))
  );
}

function unique(): string {
  return randomBytes(6).toString('hex');
}
