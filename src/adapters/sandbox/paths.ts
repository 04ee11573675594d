import { chmodSync, lstatSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { removeTreeSync } from './remove-tree.ts';

/** Is `path` the `directory`, or below it? Both absolute. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

/** How deep a path lies: mounts are made from the top down. */
export function depth(path: string): number {
  return path.split('/').filter((part) => part !== '').length;
}

/** Without symbolic links; where it does not exist, as far as it does. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

/**
 * Makes a directory, or an empty file, below `root`, whose content an agent may have written: a link or a file that
 * stands in the way is removed and never followed. Nothing may be writing there meanwhile. Returns the path.
 */
export function makeBelow(root: string, path: string, kind: 'directory' | 'file'): string {
  const parts = relative(root, path)
    .split('/')
    .filter((part) => part !== '');
  let at = root;
  for (const [index, part] of parts.entries()) {
    at = join(at, part);
    const wanted = kind === 'file' && index === parts.length - 1 ? 'file' : 'directory';
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (wanted === 'file' && stat?.isFile()) continue;
    if (wanted === 'directory' && stat?.isDirectory()) {
      if ((stat.mode & 0o700) !== 0o700) chmodSync(at, 0o700);
      continue;
    }
    removeTreeSync(at);
    if (wanted === 'file') writeFileSync(at, '', { flag: 'wx', mode: 0o600 });
    else mkdirSync(at, { mode: 0o700 });
  }
  return path;
}
