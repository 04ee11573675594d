import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from './engine.ts';

const PATIENCE_MS = 30_000;

/** Repeats what changes nothing, or changes it as a whole, while the database is busy or gone. */
export async function retried<T>(
  engine: Engine,
  work: () => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const fault = engine.judge(error);
      if (fault.kind === 'final') throw fault.error;
      if (performance.now() > giveUpAt) throw error;
      await sleep(1 + Math.random() * Math.min(250, 4 * 2 ** Math.min(attempt, 10)));
    }
  }
}
