import { setImmediate, setTimeout } from 'node:timers/promises';

/** Time and chance of what the store repeats and puts off. The simulator hands in its own. */
export interface Pace {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** From 0 up to, but not including, 1. */
  random(): number;
  sleep(ms: number): Promise<void>;
  /** Resolves when timers and sockets have had their turn. */
  turn(): Promise<void>;
}

/** The machine's own. */
export const systemPace: Pace = {
  now: () => performance.now(),
  random: () => Math.random(),
  sleep: (ms) => setTimeout(ms),
  turn: () => setImmediate(),
};
