import type { Clock } from '../ports.ts';

/** Share of the time that asking may take. */
const SHARE = 0.1;
/** What takes less than this, ms, is asked every time. */
const CHEAP_MS = 5;

/**
 * Asks anew only when the last answer took little time, or lies far enough back that a tenth of the time at most goes
 * into asking; else gives the last answer again.
 */
export function sparingly<T>(ask: () => Promise<T>, clock: Pick<Clock, 'steady'>): () => Promise<T> {
  let last: { readonly answer: T; readonly at: number; readonly tookMs: number } | undefined;
  return async () => {
    const from = clock.steady();
    if (last !== undefined && last.tookMs >= CHEAP_MS && from - last.at < last.tookMs / SHARE) {
      return last.answer;
    }
    const answer = await ask();
    const at = clock.steady();
    last = { answer, at, tookMs: at - from };
    return answer;
  };
}
