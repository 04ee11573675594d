import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import { UsageError } from '../../core/errors.ts';

export interface SeedSpec {
  readonly lockfile: string;
  readonly paths: readonly string[];
}

/** A seed as one worktree needs it. */
export interface WantedSeed {
  readonly paths: readonly string[];
  /** Absent when the worktree has no such lockfile: then there is nothing to keep it by. */
  readonly key: string | undefined;
}

/** Throws `UsageError` `SEED_PATH`, which names the key of the config, for a path that is not one in a worktree. */
export function checkedSeeds(seeds: readonly SeedSpec[]): SeedSpec[] {
  return seeds.map(({ lockfile, paths }, index) => ({
    lockfile: inWorktree(lockfile, `worktrees.seeds[${index}].lockfile`),
    paths: paths.map((path, each) => inWorktree(path, `worktrees.seeds[${index}].paths[${each}]`)),
  }));
}

function inWorktree(path: string, key: string): string {
  const plain = normalize(path).replace(/\/+$/, '');
  const [first] = plain.split('/');
  const outside = isAbsolute(path) || plain === '.' || first === '..' || path.includes('\0');
  if (!outside && first?.toLowerCase() !== '.git') return plain;
  throw new UsageError('SEED_PATH', `${key} is ${JSON.stringify(path)}, which is no path in a worktree`, {
    advice: 'Name it from the top of the repository, such as node_modules.',
  });
}

/** What a seed is kept by: the content of the lockfile, the paths, and what the machine builds for. */
export function wantedSeed(worktree: string, { lockfile, paths }: SeedSpec): WantedSeed {
  const file = join(worktree, lockfile);
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return { paths, key: undefined };
  const hash = createHash('sha256');
  for (const part of [lockfile, ...paths, process.platform, process.arch, process.versions.node]) {
    hash.update(`${part}\0`);
  }
  return { paths, key: hash.update(readFileSync(file)).digest('hex') };
}

/** Changes with everything that makes it worth to run the setup commands again. */
export function readyKey(setup: readonly string[], seeds: readonly WantedSeed[]): string {
  const parts = [setup, seeds.map(({ paths, key }) => [paths, key ?? null])];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
