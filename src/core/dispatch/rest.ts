/** Without any wake-up an orchestrator that has work looks again after this long. */
const TICK_MS = 5_000;
/** One that finds nothing to do looks less and less often, down to this. What wakes it is not delayed by that. */
const LONGEST_TICK_MS = 300_000;

/**
 * How long an orchestrator rests when nothing wakes it, ms. `idleLooks`: how often in a row it has found nothing to do
 * and has nothing running; `wakeInMs`: after how long more could be ready.
 */
export function restMs({ idleLooks, wakeInMs }: { idleLooks: number; wakeInMs: number | undefined }): number {
  const tick = Math.min(TICK_MS * 2 ** Math.min(Math.max(0, idleLooks - 1), 10), LONGEST_TICK_MS);
  return wakeInMs === undefined ? tick : Math.min(Math.max(wakeInMs, 1), tick);
}
