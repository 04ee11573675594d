import { setTimeout as pause } from 'node:timers/promises';
import { CodewalkError } from '../../core/errors.ts';

const PAUSE_MS = 500;

/**
 * Opens a store, again and again while its server does not answer, for `graceMs` at most: a run that crashed beside
 * its database goes on when that is back, as one that did not crash would. A person who starts it wants to know at
 * once.
 */
export async function patiently<Opened>(open: () => Promise<Opened>, graceMs: number): Promise<Opened> {
  const giveUpAt = performance.now() + graceMs;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const isAway = error instanceof CodewalkError && error.code === 'STORE_UNREACHABLE';
      if (!isAway || performance.now() > giveUpAt) throw error;
      await pause(PAUSE_MS);
    }
  }
}
