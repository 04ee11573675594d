import { type FSWatcher, watch } from 'node:fs';
import { messageOf } from '../../core/errors.ts';
import type { FileWatcher } from '../../core/syncing/ports.ts';
import { type WatchedNames, watchedNames } from './watched-names.ts';

export interface DirectoryWatcherOptions {
  /** How often the file is looked at where the system watches nothing, ms. */
  readonly fallbackMs: number;
  /** Told once when the system refuses to watch, with what it said. */
  readonly onFallback: (message: string) => void;
  /** Default: the system's. */
  readonly watch?: typeof watch;
}

/**
 * Watches the directories on the way to a file: those that hold the file and the links that lead to it. A watch on
 * the file itself would die with the first editor that puts another file in its place.
 */
export class DirectoryWatcher implements FileWatcher {
  readonly #path: string;
  readonly #options: DirectoryWatcherOptions;

  /** `path` is absolute; the file and its directories need not exist yet. */
  constructor(path: string, options: DirectoryWatcherOptions) {
    this.#path = path;
    this.#options = options;
  }

  watch(listener: () => void): () => void {
    const watching = new Watching(this.#path, this.#options, listener);
    return () => watching.end();
  }
}

class Watching {
  readonly #path: string;
  readonly #options: DirectoryWatcherOptions;
  readonly #listener: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #names: WatchedNames = new Map();
  #polling: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(path: string, options: DirectoryWatcherOptions, listener: () => void) {
    this.#path = path;
    this.#options = options;
    this.#listener = listener;
    this.#arm();
  }

  end(): void {
    this.#isOver = true;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    clearInterval(this.#polling);
  }

  /** Watches what lies on the way now. A directory that is the one from before keeps its watcher. */
  #arm(): void {
    const names = watchedNames(this.#path);
    for (const [key, watcher] of this.#watchers) {
      if (names.has(key)) continue;
      watcher.close();
      this.#watchers.delete(key);
    }
    this.#names = names;
    for (const [key, { directory }] of names) {
      if (!this.#watchers.has(key)) this.#watch(key, directory);
    }
  }

  #watch(key: string, directory: string): void {
    try {
      const watcher = (this.#options.watch ?? watch)(directory, (_kind, name) => this.#heard(key, name));
      // Some systems say so when the directory is gone; the way to the file is looked up anew then.
      watcher.on('error', () => this.#changed());
      this.#watchers.set(key, watcher);
    } catch (error) {
      // It went away meanwhile: now the directory above is the one to watch.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') setImmediate(() => this.#changed());
      else this.#fallBack(error);
    }
  }

  #heard(key: string, name: string | null): void {
    const wanted = this.#names.get(key)?.names;
    if (name === null || wanted === undefined || wanted.has(name)) this.#changed();
  }

  #changed(): void {
    if (this.#isOver) return;
    this.#arm();
    this.#listener();
  }

  #fallBack(error: unknown): void {
    if (this.#polling !== undefined) return;
    const { fallbackMs, onFallback } = this.#options;
    this.#polling = setInterval(() => this.#changed(), fallbackMs);
    onFallback(messageOf(error));
  }
}
