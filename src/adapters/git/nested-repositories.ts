import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from './repository.ts';
import type { Worktree } from './worktree.ts';

/**
 * An agent that runs `git init` or a project generator in a subdirectory makes a repository inside the worktree.
 * Git would record only the number of its commit (a gitlink), and the files would be lost with the worktree. So its
 * `.git` is out of the way while the files are added: then they are ordinary files, and stay so from then on.
 * A submodule, which `.gitmodules` names, is left as it is.
 */
export async function addNestedRepositories(worktree: Worktree): Promise<boolean> {
  const nested = (await untrackedRepositories(worktree)).filter((path) => !isSubmodule(worktree, path));
  if (nested.length === 0) return false;
  const aside = join(worktree.repo.shadowDir, 'aside', randomUUID());
  mkdirSync(aside, { recursive: true });
  const moves = nested.map((path, index) => ({
    from: join(worktree.path, path, '.git'),
    to: join(aside, String(index)),
  }));
  // Written first: after a crash `restoreAside` knows what belongs where.
  writeFileSync(join(aside, 'moves.json'), JSON.stringify(moves));
  try {
    for (const { from, to } of moves) renameSync(from, to);
    await worktree.run(['add', '-A', '--', ...nested]);
    // What was hidden in a repository inside a repository shows only now.
    await addNestedRepositories(worktree);
  } finally {
    moveBack(aside);
  }
  return true;
}

/** Puts back what a crash left aside. Returns the paths. */
export function restoreAside(repo: Repository): string[] {
  const parent = join(repo.shadowDir, 'aside');
  if (!existsSync(parent)) return [];
  return readdirSync(parent).flatMap((name) => moveBack(join(parent, name)));
}

function moveBack(aside: string): string[] {
  const list = join(aside, 'moves.json');
  const moves: { from: string; to: string }[] = existsSync(list)
    ? JSON.parse(readFileSync(list, 'utf8'))
    : [];
  const moved = moves.filter(({ from, to }) => existsSync(to) && !existsSync(from));
  for (const { from, to } of moved) renameSync(to, from);
  if (readdirSync(aside).every((name) => name === 'moves.json')) rmSync(aside, { recursive: true });
  return moved.map(({ from }) => from);
}

/** Untracked repositories are the entries of `ls-files --others` that end in a slash. */
async function untrackedRepositories(worktree: Worktree): Promise<string[]> {
  const answer = await worktree.run(['ls-files', '--others', '--exclude-standard', '-z']);
  return answer.stdout
    .toString('utf8')
    .split('\0')
    .filter((path) => path.endsWith('/'))
    .map((path) => path.slice(0, -1))
    .filter((path) => existsSync(join(worktree.path, path, '.git')));
}

/** Does `.gitmodules` of the worktree name `path`? */
export function isSubmodule(worktree: Worktree, path: string): boolean {
  const file = join(worktree.path, '.gitmodules');
  if (!existsSync(file)) return false;
  return readFileSync(file, 'utf8')
    .split('\n')
    .some((line) => line.replace(/^\s*path\s*=\s*/, '').trim() === path && /^\s*path\s*=/.test(line));
}
