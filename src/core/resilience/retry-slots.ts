const MINUTE = 60_000;

/**
 * When a retry that wants to begin at `wanted` may begin, so that no minute holds more than `perMinute` of them:
 * the earliest time from `wanted` on. `taken` are the times of the others, rising; all in epoch ms.
 */
export function retrySlot(taken: readonly number[], wanted: number, perMinute: number): number {
  let at = wanted;
  // Moving it past one full minute moves it past all that begin earlier, so one pass is enough.
  for (let index = 0; index + perMinute <= taken.length; index += 1) {
    const first = taken[index] as number;
    const last = taken[index + perMinute - 1] as number;
    if (Math.max(last, at) - Math.min(first, at) < MINUTE) at = first + MINUTE;
  }
  return at;
}

/** The times with `at` among them; those that no later retry can share a minute with are forgotten. */
export function withSlot(taken: readonly number[], at: number, now: number): number[] {
  const kept = taken.filter((time) => time > now - MINUTE);
  const index = kept.findIndex((time) => time > at);
  return index === -1 ? [...kept, at] : kept.toSpliced(index, 0, at);
}
