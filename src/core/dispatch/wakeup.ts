import type { Clock } from '../ports.ts';

/**
 * A bell that is never missed: take a ticket before looking at the world, then wait with it; a ring in between
 * ends the wait at once.
 */
export class Wakeup {
  readonly #clock: Clock;
  #rings = 0;
  #waiting: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#rings += 1;
    this.#waiting?.();
  }

  ticket(): number {
    return this.#rings;
  }

  /** Resolves at the first ring after `ticket` was taken, or after `ms` milliseconds. */
  async wait(ticket: number, ms: number): Promise<void> {
    if (this.#rings !== ticket) return;
    const timer = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = resolve;
    await Promise.race([promise, this.#clock.sleep(ms, timer.signal)]);
    this.#waiting = undefined;
    timer.abort();
  }
}
