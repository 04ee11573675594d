import type { LaunchLimits } from '../../core/agents/ports.ts';

export type TimeLimit = 'firstOutputMs' | 'silenceMs' | 'totalMs';

/** Watches the three time limits of one process and names the first that is reached. */
export class Watchdog {
  readonly #limits: LaunchLimits;
  readonly #onExpire: (limit: TimeLimit) => void;
  readonly #total: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #spoken = false;
  #ended = false;

  constructor(limits: LaunchLimits, onExpire: (limit: TimeLimit) => void) {
    this.#limits = limits;
    this.#onExpire = onExpire;
    if (limits.totalMs > 0) this.#total = setTimeout(onExpire, limits.totalMs, 'totalMs');
    this.#restart();
  }

  /** Something was printed. */
  heard(): void {
    if (this.#spoken && this.#quiet !== undefined) {
      this.#quiet.refresh();
      return;
    }
    this.#spoken = true;
    this.#restart();
  }

  /** We stopped reading: silence now is ours, not the program's. */
  pause(): void {
    clearTimeout(this.#quiet);
    this.#quiet = undefined;
  }

  resume(): void {
    this.#restart();
  }

  /** Ends the watch: output that is still in the pipes starts nothing again. */
  stop(): void {
    this.#ended = true;
    clearTimeout(this.#total);
    this.pause();
  }

  #restart(): void {
    this.pause();
    const limit = this.#spoken || this.#limits.firstOutputMs === 0 ? 'silenceMs' : 'firstOutputMs';
    const ms = this.#limits[limit];
    if (ms > 0 && !this.#ended) this.#quiet = setTimeout(this.#onExpire, ms, limit);
  }
}
