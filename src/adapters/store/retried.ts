import { CodewalkError, messageOf } from '../../core/errors.ts';
import type { Engine, Fault } from './engine.ts';

/** How long to try again, while others hold the database or it cannot be reached. May change while somebody waits. */
export interface Patience {
  ms: number;
}

/** What a person waits for a command. */
export function newPatience(): Patience {
  return { ms: 30_000 };
}

const SHORTEST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 250;
/** Whoever waits for a lock asks again after a few commits of others, however often it was too late. */
const LOCK_PAUSE_MS = 6;

/** Repeats what changes nothing, or changes it as a whole, while the database is busy or gone. */
export async function retried<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
  const { pace } = engine;
  const since = pace.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const fault = engine.judge(error);
      if (fault.kind === 'final') throw fault.error;
      if (fault.kind === 'full') {
        if (engine.room.spend()) continue;
        throw fault.error;
      }
      if (isOver(engine, since)) throw gaveUp(engine, fault, error);
      await pace.sleep(pauseMs(fault, attempt, pace.random()));
    }
  }
}

/**
 * Pause before the next attempt, ms. Full jitter: who met once does not meet again. Over a range that doubles while the
 * database is gone; always over the same one while others write, because whoever waits longer each time would starve.
 * `random` is from 0 up to 1.
 */
export function pauseMs(fault: Fault, attempt: number, random: number): number {
  const doubling = Math.min(LONGEST_PAUSE_MS, 4 * 2 ** Math.min(attempt, 10));
  return SHORTEST_PAUSE_MS + random * (fault.kind === 'again' ? LOCK_PAUSE_MS : doubling);
}

/** Whether who tries since then, on the engine's pace, has tried long enough. */
export function isOver({ pace, patience }: Engine, since: number): boolean {
  return pace.now() - since > patience.ms;
}

/** What people are told when patience is at its end. */
export function gaveUp(engine: Engine, fault: Fault, cause: unknown): CodewalkError {
  if (fault.kind === 'disconnected' && fault.error !== undefined) return fault.error;
  const seconds = Math.round(engine.patience.ms / 1_000);
  const last = `The last error was: ${messageOf(cause)}`;
  return fault.kind === 'disconnected'
    ? new CodewalkError('STORE_UNREACHABLE', `${engine.location} could not be reached for ${seconds} s`, {
        advice: `Start again when it runs; nothing that was reported as done is lost. ${last}`,
        cause,
      })
    : new CodewalkError('STORE_BUSY', `${engine.location} could not be used for ${seconds} s`, {
        advice: `Look for a program that holds it, then start again. ${last}`,
        cause,
      });
}
