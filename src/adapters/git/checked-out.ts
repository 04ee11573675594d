import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RepositoryFacts } from './facts.ts';

/**
 * The directory in which the branch `ref` (full name) is checked out, by the user or another tool, or `undefined`.
 * The worktree with the git directory `except` does not count.
 */
export function checkedOutAt(facts: RepositoryFacts, ref: string, except?: string): string | undefined {
  if (!facts.user.bare && onRef(facts.commonDir, ref)) {
    return facts.gitDir === facts.commonDir ? facts.root : dirname(facts.commonDir);
  }
  const parent = join(facts.commonDir, 'worktrees');
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    const gitDir = join(parent, name);
    if (gitDir === except || !onRef(gitDir, ref)) continue;
    // An entry whose directory was deleted holds nobody up; `git worktree prune` removes it.
    const directory = dirname(readOr(join(gitDir, 'gitdir'), '').trim());
    if (existsSync(directory)) return directory;
  }
  return undefined;
}

function onRef(gitDir: string, ref: string): boolean {
  return readOr(join(gitDir, 'HEAD'), '').trim() === `ref: ${ref}`;
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
}
