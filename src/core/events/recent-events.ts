import type { LoggedEvent } from './event.ts';

/**
 * The newest events of the log without a gap, never more than `most`. Old ones go in blocks, so that what is kept is
 * moved seldom.
 */
export class RecentEvents {
  readonly #most: number;
  #events: LoggedEvent[] = [];
  #end: number;

  /** `end`: the number of the last event before those that will be added. */
  constructor(most: number, end: number) {
    this.#most = most;
    this.#end = end;
  }

  /** Number of the last event that it has seen. */
  get end(): number {
    return this.#end;
  }

  /** `events` follow on `end`. */
  add(events: readonly LoggedEvent[]): void {
    const last = events.at(-1);
    if (last === undefined) return;
    this.#end = last.seq;
    this.#events.push(...events);
    if (this.#events.length > this.#most) this.#events = this.#events.slice(-Math.ceil(this.#most / 2));
  }

  /** At most `limit` events after that number; undefined when some of them are not here any more. */
  after(seq: number, limit: number): readonly LoggedEvent[] | undefined {
    const first = this.#end - this.#events.length + 1;
    if (seq < first - 1) return undefined;
    return this.#events.slice(seq - first + 1, seq - first + 1 + limit);
  }
}
