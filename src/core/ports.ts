/** Time, as the engine sees it. The simulator and tests pass a manual one. */
export interface Clock {
  /** Wall clock, epoch milliseconds. */
  now(): number;
  /**
   * For durations: milliseconds since some moment, on a clock that no setting of the wall clock moves and that goes on
   * while the machine sleeps. What an old value says is true also after a pause of this process.
   */
  steady(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Chance, as the engine sees it. */
export interface Ids {
  /** A new id that starts with `prefix` and an underscore, for example `orc_x1y2z3a4b5c6`. */
  next(prefix: string): string;
  /** A version 4 UUID. */
  uuid(): string;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}
