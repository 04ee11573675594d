import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 5;

/** Cuts long work into slices of a few milliseconds, so that everything else of this program goes on. */
export class Slices {
  #end = performance.now() + SLICE_MS;

  /** Call it between two steps: lets the others have a turn when this slice is over. */
  async rest(): Promise<void> {
    if (performance.now() < this.#end) return;
    await nextTurn();
    this.#end = performance.now() + SLICE_MS;
  }
}
