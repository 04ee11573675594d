import { type FSWatcher, lstatSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import type { FileWatcher } from '../../core/syncing/ports.ts';

/** Where the system watches nothing more, the directories are looked at so often. */
const FALLBACK_MS = 1_000;
const MOST_DIRECTORIES = 2_000;
const ROOTS = ['inbox', 'plan'] as const;

/** Watches the directories of the inbox and the plan, each for itself: new ones are found by their parents. */
export class PageWatcher implements FileWatcher {
  readonly #top: string;
  readonly #onFallback: (message: string) => void;

  /** `top` is the `.codewalk` directory, absolute. */
  constructor(top: string, onFallback: (message: string) => void) {
    this.#top = top;
    this.#onFallback = onFallback;
  }

  watch(listener: () => void): () => void {
    const watchers = new Map<string, FSWatcher>();
    let polling: NodeJS.Timeout | undefined;
    let isOver = false;
    const fallBack = (error: unknown): void => {
      if (polling !== undefined) return;
      polling = setInterval(changed, FALLBACK_MS);
      this.#onFallback(messageOf(error));
    };
    const arm = (): void => {
      const now = directoriesBelow(this.#top);
      for (const [key, watcher] of watchers) {
        if (now.has(key)) continue;
        watcher.close();
        watchers.delete(key);
      }
      for (const [key, directory] of now) {
        if (watchers.has(key)) continue;
        try {
          const watcher = watch(directory, (_kind, name) => {
            // Of all that lies in the top directory only the roots matter.
            if (directory !== this.#top || name === null || ROOTS.some((root) => root === name)) changed();
          });
          watcher.on('error', () => setImmediate(changed));
          watchers.set(key, watcher);
        } catch (error) {
          // It may have gone meanwhile; the one above tells of that.
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') fallBack(error);
        }
      }
    };
    function changed(): void {
      if (isOver) return;
      arm();
      listener();
    }
    arm();
    return () => {
      isOver = true;
      clearInterval(polling);
      for (const watcher of watchers.values()) watcher.close();
    };
  }
}

/** By identity: another directory under the same path is another one. */
function directoriesBelow(top: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const add = (directory: string): boolean => {
    const stat = lstatSync(directory, { throwIfNoEntry: false });
    if (stat?.isDirectory() !== true || found.size >= MOST_DIRECTORIES) return false;
    found.set(`${stat.dev}:${stat.ino}:${directory}`, directory);
    return true;
  };
  const walk = (directory: string): void => {
    if (!add(directory)) return;
    for (const entry of listed(directory)) if (entry.isDirectory()) walk(join(directory, entry.name));
  };
  add(top);
  for (const root of ROOTS) walk(join(top, root));
  return found;
}

function listed(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
