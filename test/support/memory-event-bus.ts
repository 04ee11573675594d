import type { EventBus, Subscription } from '../../src/core/events/bus.ts';
import type { LoggedEvent, NewEvent } from '../../src/core/events/event.ts';
import { type EventOf, type EventPattern, typesOf } from '../../src/core/events/types.ts';

/** A bus without a store: what is published is kept in memory. */
export class MemoryEventBus implements EventBus {
  readonly #events: LoggedEvent[] = [];
  #published = Promise.withResolvers<void>();

  publish(...events: readonly NewEvent[]): void {
    for (const event of events) this.#events.push({ seq: this.#events.length + 1, at: Date.now(), ...event });
    this.#published.resolve();
    this.#published = Promise.withResolvers();
  }

  async *subscribe<Pattern extends EventPattern>({
    after,
    types: patterns,
    task,
    until,
    cut,
  }: Subscription<Pattern>): AsyncGenerator<readonly EventOf<Pattern>[]> {
    const types = patterns?.flatMap(typesOf);
    const aborted = new Promise<void>((resolve) => {
      for (const end of [until, cut]) end?.addEventListener('abort', () => resolve());
    });
    for (let next = after; cut?.aborted !== true; ) {
      const isOver = until?.aborted === true;
      const published = this.#published.promise;
      const batch = this.#events
        .slice(next)
        .filter((event) => types?.includes(event.type) ?? true)
        .filter((event) => task === undefined || ('task' in event && event.task === task));
      next = Math.max(next, this.#events.length);
      if (batch.length > 0) yield batch as unknown as readonly EventOf<Pattern>[];
      else if (isOver) return;
      else await Promise.race([published, aborted]);
    }
  }
}
