import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The `node` that a person of this machine has on the PATH, which on most machines is too old for our sources;
 * the running one when there is no other.
 */
export function machineNode(): string {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    if (directory === '' || directory.includes('node_modules')) continue;
    const candidate = join(directory, 'node');
    try {
      accessSync(candidate, constants.X_OK);
    } catch {
      continue;
    }
    if (spawnSync(candidate, ['--version']).status === 0) return candidate;
  }
  return process.execPath;
}

/** False where the launcher has nothing to launch, because the machine's own Node is new enough. */
export function isTooOld(node: string): boolean {
  const { stdout } = spawnSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' });
  return Number(stdout) < 26;
}
