import { type BigIntStats, lstatSync, readlinkSync } from 'node:fs';
import { basename, join, parse, resolve, sep } from 'node:path';

/** Directories to watch, by identity: another directory under the same path is another one. */
export type WatchedNames = ReadonlyMap<
  string,
  { readonly directory: string; readonly names: ReadonlySet<string> }
>;

/** More links than this in a row are a circle. */
const MOST_LINKS = 40;

/**
 * Where a change can make the path lead to another file or another content, and by which names it is told there: the
 * directory that holds the file, each that holds a link on the way, and for a part that is missing the one where it
 * would appear. A directory tells of its own removal by its own name.
 */
export function watchedNames(path: string): WatchedNames {
  const found = new Map<string, { directory: string; names: Set<string> }>();
  let links = 0;

  const add = (directory: string, name: string): void => {
    const stat = lstatOf(directory);
    if (stat === undefined) return;
    const key = `${stat.dev}:${stat.ino}:${directory}`;
    const entry = found.get(key) ?? { directory, names: new Set([basename(directory)]) };
    entry.names.add(name);
    found.set(key, entry);
  };

  const walk = (target: string): void => {
    const { root } = parse(target);
    let at = root;
    const parts = target
      .slice(root.length)
      .split(sep)
      .filter((part) => part !== '');
    for (const [index, part] of parts.entries()) {
      const next = join(at, part);
      const stat = lstatOf(next);
      const isLast = index === parts.length - 1;
      if (stat === undefined || isLast) add(at, part);
      if (stat === undefined) return;
      if (stat.isSymbolicLink()) {
        add(at, part);
        links += 1;
        const to = links > MOST_LINKS ? undefined : linkOf(next);
        if (to !== undefined) walk(join(resolve(at, to), ...parts.slice(index + 1)));
        return;
      }
      at = next;
    }
  };

  walk(resolve(path));
  return found;
}

function lstatOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
