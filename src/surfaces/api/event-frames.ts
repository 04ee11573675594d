import type { LoggedEvent } from '../../core/events/event.ts';

/** A stream on which nothing is said for longer than twice this is dead, ms. */
export const HEARTBEAT_MS = 15_000;

/** How many frames are kept for those who want the same next. */
const KEPT = 16;

/**
 * Writes batches of events as server-sent events: `id` is the number of the last one, `data` a JSON array of them all.
 * Clients that keep up want the same batches at the same time, so each is written out once for all of them.
 * `filter` names what the batch was chosen by.
 */
export class EventFrames {
  readonly #kept = new Map<string, Buffer>();

  of(events: readonly LoggedEvent[], filter: string): Buffer {
    const last = events.at(-1)?.seq;
    const key = `${events[0]?.seq} ${last} ${filter}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const frame = Buffer.from(`id: ${last}\ndata: ${JSON.stringify(events)}\n\n`);
    this.#kept.set(key, frame);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value ?? '');
    return frame;
  }
}
