import { join } from 'node:path';
import { loadConfig } from '../adapters/config-files/load.ts';
import { DirectoryWatcher } from '../adapters/watch/directory-watcher.ts';
import { messageOf } from '../core/errors.ts';
import type { FilesParts, KeptFiles } from './keep-files.ts';

/** How often it is tried to keep the files that another process keeps. */
const AGAIN_MS = 2_000;

/**
 * Keeps the files of a checkout whenever its config says so and no other process does, as long as this one runs:
 * `cw files on` in another terminal has its effect at once.
 */
export class FilesSwitch implements AsyncDisposable {
  readonly #parts: FilesParts;
  readonly #stopWatching: () => void;
  #isOver = false;
  #kept: KeptFiles | undefined;
  #turning: Promise<void> = Promise.resolve();
  #again: NodeJS.Timeout | undefined;

  constructor(parts: FilesParts) {
    this.#parts = parts;
    const config = join(parts.project.root, '.codewalk', 'config.json');
    const watcher = new DirectoryWatcher(config, { fallbackMs: AGAIN_MS, onFallback: () => undefined });
    this.#stopWatching = watcher.watch(() => this.#turn());
  }

  /** Resolves when the files are kept, if they are to be. */
  async start(): Promise<void> {
    this.#turn();
    await this.#turning;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#stopWatching();
    clearTimeout(this.#again);
    await this.#turning;
    await this.#kept?.[Symbol.asyncDispose]();
  }

  #turn(): void {
    this.#turning = this.#turning
      .then(() => this.#turnNow())
      .catch((error: unknown) => this.#parts.onNotice(`The files are not kept in step: ${messageOf(error)}`));
  }

  async #turnNow(): Promise<void> {
    clearTimeout(this.#again);
    if (this.#isOver) return;
    // A config with a mistake says nothing new.
    const loaded = await loadConfig({ root: this.#parts.project.root }).catch(() => undefined);
    if (loaded === undefined) return;
    if (!loaded.config.files) {
      await this.#kept?.[Symbol.asyncDispose]();
      this.#kept = undefined;
      return;
    }
    if (this.#kept !== undefined) return;
    const { openFiles } = await import('./keep-files.ts');
    this.#kept = await openFiles(this.#parts);
    if (this.#kept === undefined) this.#again = setTimeout(() => this.#turn(), AGAIN_MS).unref();
    else await this.#kept.start();
  }
}
