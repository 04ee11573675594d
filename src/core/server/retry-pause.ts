const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [1_000, 60_000];
/** A project that worked for so long has earned a quick start, ms. */
const GOOD_MS = 60_000;

/**
 * How long to leave a project alone that could not be worked on, ms. `failures` counts those in a row, this one
 * included, from 1.
 */
export function retryPauseMs(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
}

/** Failures in a row, after one more that came when it had worked for `workedMs`. */
export function failuresInRow(before: number, workedMs: number): number {
  return workedMs >= GOOD_MS ? 1 : before + 1;
}
