import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/core/ports.ts';

interface Sleeper {
  at: number;
  readonly wake: () => void;
}

/** Turns of the event loop after which everything that was set off has come to rest. */
const TURNS = 6;

/** Time that passes only when a test says so; whatever sleeps wakes in order. */
export class SimulatedClock implements Clock {
  #now: number;
  #steady = 0;
  readonly #sleepers = new Set<Sleeper>();

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  steady(): number {
    return this.#steady;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper: Sleeper = {
      at: this.#now + Math.max(0, ms),
      wake: () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', sleeper.wake);
        resolve();
      },
    };
    this.#sleepers.add(sleeper);
    signal?.addEventListener('abort', sleeper.wake);
    return promise;
  }

  /** Lets everything happen that needs no time. */
  async rest(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await setImmediate();
  }

  /** Lets so much time pass, waking each sleeper at its time. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.rest();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#go(next.at);
      next.wake();
      await this.rest();
    }
    this.#go(until);
  }

  #go(to: number): void {
    const by = Math.max(0, to - this.#now);
    this.#now += by;
    this.#steady += by;
  }

  /** Sets the wall clock, as a person or a time server does. What sleeps goes on for as long as it would have. */
  set(now: number): void {
    for (const sleeper of this.#sleepers) sleeper.at += now - this.#now;
    this.#now = now;
  }

  #next(until: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.at <= until && (next === undefined || sleeper.at < next.at)) next = sleeper;
    }
    return next;
  }
}
