import type { Engine } from './engine.ts';
import type { HeadFile } from './head-file.ts';

/**
 * Tells listeners that something was committed, by this process or another one. Coalesced: many commits of one
 * turn of the event loop are one call.
 */
export class Changes {
  readonly #engine: Engine;
  readonly #project: string;
  readonly #headFile: Pick<HeadFile, 'watch'> | undefined;
  readonly #listeners = new Set<() => void>();
  #stopWatching: (() => void) | undefined;
  #isPlanned = false;

  /** `headFile`: where other processes of this host take note of their commits. */
  constructor(engine: Engine, project: string, headFile: Pick<HeadFile, 'watch'> | undefined) {
    this.#engine = engine;
    this.#project = project;
    this.#headFile = headFile;
  }

  /** This process committed: tells its own listeners and the other processes. */
  committed(): void {
    this.#engine.announce(this.#project);
    this.#plan();
  }

  /** The other processes are watched only while somebody listens. */
  listen(listener: () => void): () => void {
    const entry = () => listener();
    this.#listeners.add(entry);
    this.#stopWatching ??= this.#watch();
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  #watch(): () => void {
    const plan = () => this.#plan();
    const stops = [this.#engine.watch(this.#project, plan), this.#headFile?.watch(plan)];
    return () => {
      for (const stop of stops) stop?.();
    };
  }

  #plan(): void {
    if (this.#isPlanned || this.#listeners.size === 0) return;
    this.#isPlanned = true;
    void this.#engine.pace.turn().then(() => {
      this.#isPlanned = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
