import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The top of the checkout around `directory`, found without starting git, or undefined when only git can tell: in a
 * linked worktree (`.git` is a file) and outside of any repository.
 */
export function findRoot(directory: string): string | undefined {
  const found = statSync(join(directory, '.git'), { throwIfNoEntry: false });
  if (found !== undefined) return found.isDirectory() ? directory : undefined;
  const parent = dirname(directory);
  return parent === directory ? undefined : findRoot(parent);
}
