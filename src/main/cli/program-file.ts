import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The file that starts this program, `bin/cw.mjs` of its package, found from source and bundle alike. */
export function programFile(from: string = import.meta.dirname): string {
  const file = join(from, 'bin', 'cw.mjs');
  if (existsSync(file)) return file;
  const parent = dirname(from);
  if (parent === from) throw new Error('The launcher of codewalk is missing: install it again');
  return programFile(parent);
}
