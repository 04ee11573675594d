import { UsageError } from '../errors.ts';
import { ForgeError } from './forge-error.ts';

const FIRST_MS = 30_000;
const LONGEST_MS = 600_000;

/**
 * After how many ms a pull request is looked at again: 30 s at first, twice as long each time that nothing was new or the
 * forge did not answer, 10 minutes at most, and never sooner than the forge wants. Undefined when it makes no sense
 * before a person has done something, such as given a token.
 */
export function lookDelayMs(quietLooks: number, error?: unknown): number | undefined {
  if (error instanceof UsageError || (error instanceof ForgeError && !error.passes)) return undefined;
  const delay = Math.min(FIRST_MS * 2 ** Math.min(quietLooks, 10), LONGEST_MS);
  const asked = error instanceof ForgeError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(delay, asked);
}
