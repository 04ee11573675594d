/** So many crashes within this time, and the next start would crash too. */
const [MOST, WINDOW_MS] = [5, 60_000];
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [100, 5_000];

/** A server is there for days, and nobody watches it: it is started ever more seldom, but never given up. */
const [SERVER_WINDOW_MS, LONGEST_SERVER_PAUSE_MS] = [600_000, 60_000];

/** How long to wait before the next start of a server. `crashes` as below. */
export function serverRestartPauseMs(crashes: readonly number[]): number {
  const now = crashes.at(-1) ?? 0;
  const recent = crashes.filter((at) => at > now - SERVER_WINDOW_MS).length;
  return Math.min(FIRST_PAUSE_MS * 2 ** (recent - 1), LONGEST_SERVER_PAUSE_MS);
}

/**
 * How long to wait before the next start, or `undefined` when there should be none. `crashes`: when each happened, ms,
 * the last one now.
 */
export function restartPauseMs(crashes: readonly number[]): number | undefined {
  const now = crashes.at(-1) ?? 0;
  const recent = crashes.filter((at) => at > now - WINDOW_MS).length;
  if (recent > MOST) return undefined;
  return Math.min(FIRST_PAUSE_MS * 2 ** (recent - 1), LONGEST_PAUSE_MS);
}
