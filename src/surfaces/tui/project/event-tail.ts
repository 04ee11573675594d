import type { ReadingApi } from '../../../core/api/ports.ts';
import type { LoggedEvent } from '../../../core/events/event.ts';
import type { Clock } from '../../../core/ports.ts';

/** Events that wait to be taken; who tells of more waits too. */
const MOST_WAITING = 5_000;

/** The events of a project from a number on, gathered until somebody takes them. */
export class EventTail implements Disposable {
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  #waiting: LoggedEvent[] = [];
  #failure: { readonly error: unknown } | undefined;
  /** Ends the sleep of who waits for events, and of who waits for room. */
  #news = new AbortController();
  #room = new AbortController();

  /** `onEvents` hears of them as they come. */
  constructor(
    api: Pick<ReadingApi, 'follow'>,
    options: { after: number; clock: Clock; onEvents: (events: readonly LoggedEvent[]) => void },
  ) {
    this.#clock = options.clock;
    void this.#gather(api, options);
  }

  /**
   * What has come since the last time; waits for it at most `ms`, and until `signal` aborts. Throws when the connection
   * was cut.
   */
  async next(ms: number, signal: AbortSignal): Promise<readonly LoggedEvent[]> {
    if (this.#waiting.length === 0 && this.#failure === undefined) {
      await this.#clock.sleep(ms, AbortSignal.any([signal, this.#news.signal]));
    }
    const events = this.#waiting;
    this.#waiting = [];
    this.#news = new AbortController();
    this.#room.abort();
    if (events.length === 0 && this.#failure !== undefined) throw this.#failure.error;
    return events;
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
    this.#room.abort();
  }

  async #gather(
    api: Pick<ReadingApi, 'follow'>,
    { after, onEvents }: { after: number; onEvents: (events: readonly LoggedEvent[]) => void },
  ): Promise<void> {
    const { signal } = this.#closed;
    try {
      for await (const batch of api.follow({ after }, signal)) {
        if (signal.aborted) return;
        this.#waiting.push(...batch);
        this.#news.abort();
        onEvents(batch);
        while (this.#waiting.length > MOST_WAITING && !signal.aborted) await this.#roomMade();
      }
      if (!signal.aborted) throw new Error('The events ended');
    } catch (error) {
      this.#failure = { error };
      this.#news.abort();
    }
  }

  #roomMade(): Promise<void> {
    this.#room = new AbortController();
    const { signal } = this.#room;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  }
}
