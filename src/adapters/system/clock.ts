import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../core/ports.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch {
      // An aborted sleep ends early: that is what the port promises.
    }
  },
};
