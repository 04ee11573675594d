import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

let known: string | undefined;

/** The version in the nearest package.json above this file, which is the package's own in source and bundle alike. */
export function programVersion(): string {
  known ??= readVersion(import.meta.dirname);
  return known;
}

function readVersion(directory: string): string {
  const path = join(directory, 'package.json');
  if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('The package.json of codewalk is missing: install it again');
  return readVersion(parent);
}
