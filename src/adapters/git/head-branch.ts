import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The branch that HEAD of a git directory is on, or `undefined` when it is detached. */
export function headBranch(gitDir: string): string | undefined {
  const match = /^ref: refs\/heads\/(.+)$/m.exec(readFileSync(join(gitDir, 'HEAD'), 'utf8'));
  return match?.[1];
}
