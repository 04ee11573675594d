import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from './repository.ts';
import type { Worktree } from './worktree.ts';

const MOVES = 'moves.json';

interface Move {
  readonly from: string;
  readonly to: string;
}

/**
 * An agent that runs `git init` or a project generator in a subdirectory makes a repository inside the worktree.
 * Git would record only the number of its commit (a gitlink), and the files would be lost with the worktree. So its
 * `.git` is out of the way while the files are added: then they are ordinary files, and stay so from then on.
 * A submodule, which `.gitmodules` names, is left as it is. Returns whether there was any.
 */
export async function addNestedRepositories(worktree: Worktree): Promise<boolean> {
  const aside = join(worktree.repo.shadowDir, 'aside', randomUUID());
  mkdirSync(aside, { recursive: true });
  const moves: Move[] = [];
  try {
    // A repository inside a repository shows only when the outer one is out of the way.
    for (;;) {
      const nested = await untrackedRepositories(worktree);
      if (nested.length === 0) break;
      const next = nested.map((path, index) => ({
        from: join(worktree.path, path, '.git'),
        to: join(aside, String(moves.length + index)),
      }));
      moves.push(...next);
      // Written first: after a crash `restoreAside` knows what belongs where.
      writeFileSync(join(aside, MOVES), JSON.stringify(moves));
      for (const { from, to } of next) renameSync(from, to);
    }
    if (moves.length > 0) await worktree.run(['add', '-A', '--no-warn-embedded-repo']);
  } finally {
    moveBack(aside);
  }
  return moves.length > 0;
}

/** Puts back what a crash left aside. Returns the paths. */
export function restoreAside(repo: Repository): string[] {
  const parent = join(repo.shadowDir, 'aside');
  if (!existsSync(parent)) return [];
  return readdirSync(parent).flatMap((name) => moveBack(join(parent, name)));
}

function moveBack(aside: string): string[] {
  const list = join(aside, MOVES);
  const moves: Move[] = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
  const moved = moves.filter(({ from, to }) => existsSync(to) && !existsSync(from));
  for (const { from, to } of moved) renameSync(to, from);
  if (readdirSync(aside).every((name) => name === MOVES)) rmSync(aside, { recursive: true });
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
    .filter((path) => existsSync(join(worktree.path, path, '.git')) && !isSubmodule(worktree, path));
}

/** Does `.gitmodules` of the worktree name `path`? */
export function isSubmodule(worktree: Worktree, path: string): boolean {
  const file = join(worktree.path, '.gitmodules');
  if (!existsSync(file)) return false;
  return readFileSync(file, 'utf8')
    .split('\n')
    .some((line) => line.replace(/^\s*path\s*=\s*/, '').trim() === path && /^\s*path\s*=/.test(line));
}
