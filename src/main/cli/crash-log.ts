import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { programVersion } from './version.ts';

/**
 * Keeps the stack of an error that nobody foresaw, in `.codewalk/state` of the project around `directory`, else in
 * the directory for temporary files. Returns the path, or undefined when it cannot be written.
 */
export function writeCrashLog(error: unknown, directory: string): string | undefined {
  const root = projectDirectory(directory);
  const state = root === undefined ? tmpdir() : join(root, '.codewalk', 'state');
  const path = join(state, `crash-${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}.log`);
  // No arguments and no environment: both may hold secrets.
  const text = `codewalk ${programVersion()}, node ${process.version}, ${process.platform} ${process.arch}\n\n${inspect(error)}\n`;
  try {
    mkdirSync(state, { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  } catch {
    return undefined;
  }
}

function projectDirectory(from: string): string | undefined {
  if (existsSync(join(from, '.codewalk'))) return from;
  const parent = dirname(from);
  return parent === from ? undefined : projectDirectory(parent);
}
