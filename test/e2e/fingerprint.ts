import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestRepo } from '../support/repo.ts';

/** Everything of the user's checkout that work of others must leave alone, to compare. */
export function fingerprint({
  repo,
}: {
  readonly repo: Pick<TestRepo, 'root' | 'git'>;
}): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const entries = readdirSync(repo.root, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name).slice(repo.root.length + 1);
    if (!entry.isFile() || /^\.(git|codewalk)(\/|$)/.test(path)) continue;
    found[path] = readFileSync(join(repo.root, path), 'base64');
  }
  for (const name of [
    'HEAD',
    'index',
    'config',
    'refs/heads/main',
    'refs/stash',
    'logs/HEAD',
    'logs/refs/stash',
  ]) {
    const path = join(repo.root, '.git', name);
    found[`.git/${name}`] = existsSync(path) ? readFileSync(path, 'base64') : 'absent';
  }
  found['status'] = repo.git('--no-optional-locks', 'status', '--porcelain=v2', '--untracked-files=all');
  return found;
}
