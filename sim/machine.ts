import type { Clock, Ids } from '../src/core/ports.ts';
import type { Chance } from './chance.ts';
import type { Happening, Schedule } from './schedule.ts';

/** Epoch ms at which every simulated world begins. */
const BEGINNING = Date.UTC(2030, 0, 1);

/** The wall clock of a computer: it may be set while time goes on. */
export class WallClock {
  readonly #schedule: Schedule;
  #offset = 0;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  now(): number {
    return BEGINNING + this.#schedule.now + this.#offset;
  }

  /** Somebody sets it. */
  jump(ms: number): void {
    this.#offset += ms;
  }
}

/** A computer on which processes run. */
export interface Host {
  readonly name: string;
  readonly wall: WallClock;
}

/** How a process reaches the database: `silent` loses what is sent, `refused` breaks every connection. */
export type Link = 'up' | 'silent' | 'refused';

/**
 * One process of the simulated world. All that it waits for goes through here, so it can be killed (nothing more of
 * it happens), frozen (it happens later), and cut off.
 */
export class Machine {
  readonly name: string;
  readonly host: Host;
  readonly chance: Chance;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly #schedule: Schedule;
  readonly #healed: (() => void)[] = [];
  #state: 'up' | 'frozen' | 'dead' = 'up';
  #link: Link = 'up';
  #ids = 0;

  constructor(options: { name: string; host: Host; schedule: Schedule; chance: Chance }) {
    this.name = options.name;
    this.host = options.host;
    this.chance = options.chance;
    this.#schedule = options.schedule;
    this.clock = {
      now: () => this.host.wall.now(),
      steady: () => this.#schedule.now,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
    this.ids = {
      next: (prefix) => `${prefix}_${this.name}_${++this.#ids}`,
      uuid: () => `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, '0')}`,
      random: () => this.chance.random(),
    };
  }

  get state(): 'up' | 'frozen' | 'dead' {
    return this.#state;
  }

  get link(): Link {
    return this.#link;
  }

  /** Simulated time, which no wall clock changes, ms. */
  get monotonic(): number {
    return this.#schedule.now;
  }

  /** Plans something that this process does. */
  after(ms: number, what: string, run: () => void): Happening {
    return this.#schedule.add(this, ms, what, run);
  }

  /** Resolves in `ms` milliseconds at the earliest, when chance says so. */
  gate(what: string, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.after(ms, what, resolve);
    return promise;
  }

  /** SIGKILL, or the loss of power. */
  kill(): void {
    this.#state = 'dead';
    this.#schedule.forget(this);
  }

  /** SIGSTOP. */
  freeze(): void {
    if (this.#state === 'up') this.#state = 'frozen';
  }

  /** SIGCONT. */
  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'up';
    this.#schedule.thawed(this);
  }

  setLink(link: Link): void {
    this.#link = link;
    if (link !== 'up') return;
    for (const go of this.#healed.splice(0)) go();
  }

  /** Resolves when the database can be reached again. */
  async healed(): Promise<void> {
    while (this.#link !== 'up') {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#healed.push(resolve);
      await promise;
      await this.gate('reaches the database again', this.chance.below(200));
    }
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    // Timers are late, never early.
    const happening = this.after(ms + this.chance.below(5), 'timer', () => wake());
    const wake = () => {
      happening.isCancelled = true;
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    signal?.addEventListener('abort', wake);
    return promise;
  }
}
