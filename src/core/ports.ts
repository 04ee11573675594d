/** Time, as the engine sees it. The simulator and tests pass a manual one. */
export interface Clock {
  /** Wall clock, epoch milliseconds. */
  now(): number;
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
