/** Tries of one notice: the last one comes about 17 minutes after the first. */
export const MOST_TRIES = 11;

const [FIRST_MS, LONGEST_MS] = [1_000, 600_000];
const JITTER = 0.5;

/**
 * How long to wait after the try `tries` (from 1) has failed, ms: doubling, with jitter of half of it, so that many who
 * failed at once do not come back at once. `random` is from 0 up to 1; `askedMs` is what the other side asked for.
 */
export function retryDelayMs(tries: number, random: number, askedMs = 0): number {
  const doubled = Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1));
  const waitMs = doubled * (1 - JITTER) + doubled * JITTER * random;
  return Math.round(Math.min(LONGEST_MS, Math.max(waitMs, askedMs)));
}
