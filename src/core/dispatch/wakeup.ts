import type { Clock } from '../ports.ts';

interface Alarm {
  readonly at: number;
  readonly control: AbortController;
}

/**
 * A bell that is never missed: take a ticket before looking at the world, then wait with it; a ring in between
 * ends the wait at once.
 */
export class Wakeup {
  readonly #clock: Clock;
  #rings = 0;
  #waiting: (() => void) | undefined;
  #alarm: Alarm | undefined;

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

  /** Resolves at the first ring after `ticket` was taken, or after `ms` milliseconds, sometimes earlier. */
  async wait(ticket: number, ms: number): Promise<void> {
    if (this.#rings !== ticket) return;
    this.#ringBy(this.#clock.steady() + ms);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = resolve;
    await promise;
    this.#waiting = undefined;
  }

  /** Ends the alarm; nobody waits any more. */
  close(): void {
    this.#alarm?.control.abort();
    this.#alarm = undefined;
  }

  /** One alarm serves many waits: a busy run is woken by events long before it, thousands of times. */
  #ringBy(at: number): void {
    if (this.#alarm !== undefined && this.#alarm.at <= at) return;
    this.close();
    const control = new AbortController();
    this.#alarm = { at, control };
    void this.#clock.sleep(at - this.#clock.steady(), control.signal).then(() => {
      if (control.signal.aborted) return;
      this.#alarm = undefined;
      this.wake();
    });
  }
}
