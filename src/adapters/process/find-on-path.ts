import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/**
 * The absolute path of the program that `command` means with the PATH of `env`, or `undefined`. A command with a
 * slash is taken relative to `cwd`, as the system does.
 */
export function findOnPath(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string = process.cwd(),
): string | undefined {
  if (command.includes('/')) {
    const path = resolve(cwd, command);
    return isProgram(path) ? path : undefined;
  }
  if (command === '') return undefined;
  for (const directory of (env.PATH ?? '').split(delimiter)) {
    // An empty entry means the current directory: for an agent that is a worktree, which must not supply programs.
    if (directory === '') continue;
    const path = resolve(cwd, directory, command);
    if (isProgram(path)) return path;
  }
  return undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
