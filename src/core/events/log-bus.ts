import type { Store } from '../tasks/ports.ts';
import type { EventBus, Subscription } from './bus.ts';
import type { EventType, LoggedEvent } from './event.ts';
import { RecentEvents } from './recent-events.ts';
import { type EventOf, type EventPattern, typesOf } from './types.ts';

/** What a bus needs of the log: reading it by number, and being told that there is more. */
export type EventLog = Pick<Store, 'events' | 'head' | 'onChange'>;

/** Events of one reading of the log. */
const PAGE = 1_000;
/** How far behind the newest event somebody may be before it reads the log itself. */
const MOST_RECENT = 2 * PAGE;
/** Events of one batch. An event has 20 kB at most, so whoever waits with a batch in hand holds 5 MB at most. */
const BATCH = 250;

/**
 * Follows the log of a store with one reader, however many subscribe. What that reads is kept for a short while: who
 * keeps up is served from there, and who is slow or begins far back reads the log by number until it has caught up. So
 * the memory that this takes does not depend on how many subscribe or how slow they are. While nobody subscribes it
 * reads nothing.
 */
export class LogBus implements EventBus {
  readonly #log: EventLog;
  readonly #mostRecent: number;
  #reader: LogReader | undefined;
  #subscribers = 0;

  constructor(log: EventLog, { mostRecent = MOST_RECENT }: { mostRecent?: number } = {}) {
    this.#log = log;
    this.#mostRecent = mostRecent;
  }

  async *subscribe<Pattern extends EventPattern>(
    subscription: Subscription<Pattern>,
  ): AsyncGenerator<readonly EventOf<Pattern>[]> {
    this.#subscribers += 1;
    this.#reader ??= new LogReader(this.#log, this.#mostRecent);
    const reader = this.#reader;
    try {
      // What the filter lets through is what the pattern stands for.
      yield* this.#batches(reader, subscription) as AsyncGenerator<readonly EventOf<Pattern>[]>;
    } catch (error) {
      // Whoever subscribes from now on gets a reader that tries again.
      if (this.#reader === reader) this.#reader = undefined;
      throw error;
    } finally {
      this.#subscribers -= 1;
      if (this.#subscribers === 0) {
        this.#reader?.close();
        this.#reader = undefined;
      }
    }
  }

  async *#batches(reader: LogReader, subscription: Subscription): AsyncGenerator<readonly LoggedEvent[]> {
    const { until, cut } = subscription;
    const wanted = wantedOf(subscription);
    await reader.start();
    let { after } = subscription;
    while (cut?.aborted !== true) {
      const isOver = until?.aborted === true;
      if (isOver) await reader.catchUp();
      const recent = reader.recent.after(after, BATCH);
      if (recent === undefined) {
        // Everything up to here was committed before the log is read: what is not found does not exist.
        const seen = reader.recent.end;
        const events = await this.#log.events(after, { ...wanted.inLog, limit: BATCH });
        after =
          events.length < BATCH ? Math.max(seen, events.at(-1)?.seq ?? 0) : (events.at(-1)?.seq ?? after);
        if (events.length > 0) yield events;
        continue;
      }
      const last = recent.at(-1);
      if (last === undefined) {
        if (isOver) return;
        await reader.more(after, [until, cut]);
        continue;
      }
      after = last.seq;
      const events = wanted.filter(recent);
      if (events.length > 0) yield events;
    }
  }
}

/** The filter of a subscription, for the log and for events in memory. */
function wantedOf({ types: patterns, task }: Subscription) {
  const types = patterns?.flatMap(typesOf);
  const isWanted = types === undefined ? undefined : new Set<EventType>(types);
  const inLog = {
    ...(task === undefined ? {} : { task }),
    ...(types === undefined ? {} : { types }),
  };
  const filter = (events: readonly LoggedEvent[]): readonly LoggedEvent[] => {
    if (isWanted === undefined && task === undefined) return events;
    return events.filter(
      (event) =>
        (isWanted?.has(event.type) ?? true) &&
        (task === undefined || ('task' in event && event.task === task)),
    );
  };
  return { inLog, filter };
}

/** The only one that follows the log. It reads when it is told that there is more, never twice at a time. */
class LogReader {
  readonly #log: EventLog;
  readonly #mostRecent: number;
  #recent: RecentEvents | undefined;
  #started: Promise<void> | undefined;
  #stopListening: () => void = () => {};
  #reading: Promise<void> | undefined;
  #isStale = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(log: EventLog, mostRecent: number) {
    this.#log = log;
    this.#mostRecent = mostRecent;
  }

  /** There are none before `start`. */
  get recent(): RecentEvents {
    if (this.#recent === undefined) throw new Error('The log is not followed yet');
    return this.#recent;
  }

  start(): Promise<void> {
    this.#started ??= this.#begin();
    return this.#started;
  }

  close(): void {
    this.#stopListening();
    this.#wakeAll();
  }

  /** Resolves when everything that is committed now was read. */
  async catchUp(): Promise<void> {
    // A reading that is under way may have begun too early.
    await this.#reading;
    await this.#read();
    this.#throwFailure();
  }

  /** Resolves when there are events after that number, or one of `ends` aborts. Throws when reading fails. */
  async more(after: number, ends: readonly (AbortSignal | undefined)[]): Promise<void> {
    this.#throwFailure();
    if (this.recent.end > after || ends.some((end) => end?.aborted)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    this.#waiting.add(wake);
    for (const end of ends) end?.addEventListener('abort', wake);
    await promise;
    for (const end of ends) end?.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
    this.#throwFailure();
  }

  async #begin(): Promise<void> {
    // First, so that nothing is committed unheard between the two.
    this.#stopListening = this.#log.onChange(() => void this.#read());
    this.#recent = new RecentEvents(this.#mostRecent, await this.#log.head());
  }

  #read(): Promise<void> {
    this.#isStale = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    try {
      await this.#started;
      while (this.#isStale) {
        this.#isStale = false;
        for (;;) {
          const events = await this.#log.events(this.recent.end, { limit: PAGE });
          this.recent.add(events);
          if (events.length > 0) this.#wakeAll();
          if (events.length < PAGE) break;
        }
        await this.#forgetAnother();
      }
    } catch (error) {
      this.#failure = { error };
      this.#stopListening();
      this.#wakeAll();
    }
  }

  /** A log that is shorter than what was read is another one, such as a backup: nothing that is kept is in it. */
  async #forgetAnother(): Promise<void> {
    const head = await this.#log.head();
    if (head < this.recent.end) this.#recent = new RecentEvents(this.#mostRecent, head);
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
