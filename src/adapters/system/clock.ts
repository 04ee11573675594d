import { uptime } from 'node:os';
import type { Clock } from '../../core/ports.ts';

const startedAt = { monotonic: performance.now(), uptimeMs: uptime() * 1_000 };

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  // On Linux the monotonic clock stands still while the machine sleeps, and the coarser uptime goes on; see
  // clock_gettime(2), CLOCK_BOOTTIME.
  steady: () => Math.max(performance.now() - startedAt.monotonic, uptime() * 1_000 - startedAt.uptimeMs),
  sleep: (ms, signal) => {
    if (signal?.aborted === true) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    // By hand: timers/promises makes an exception for every sleep that is cut short, and here most are.
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    // A time that has passed already is at once; Node warns the user of a negative one.
    const timer = setTimeout(wake, Math.max(0, ms));
    signal?.addEventListener('abort', wake);
    return promise;
  },
};
