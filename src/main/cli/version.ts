import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

let known: string | undefined;

/** The version in the nearest package.json above this file, which is the package's own in source and bundle alike. */
export function programVersion(): string {
  known ??= (
    JSON.parse(readFileSync(join(programDirectory(), 'package.json'), 'utf8')) as { version: string }
  ).version;
  return known;
}

/** The directory of the package that this program is. */
export function programDirectory(): string {
  return nearest(import.meta.dirname);
}

function nearest(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('The package.json of codewalk is missing: install it again');
  return nearest(parent);
}
