import { messageOf } from '../errors.ts';
import type { EventBus } from '../events/bus.ts';
import type { LoggedEvent } from '../events/event.ts';
import { type EventPattern, typesOf } from '../events/types.ts';
import type { Clock, Ids } from '../ports.ts';
import type { NamedLease, Store } from '../tasks/ports.ts';
import { ENDINGS, finishOf, NOTICE_TYPES, noticeOf } from './notice-of.ts';
import type { Notice, NoticeTarget } from './ports.ts';
import { MOST_TRIES, retryDelayMs } from './retry-delay.ts';

export interface NoticeSenderParts {
  readonly store: Pick<
    Store,
    'head' | 'getMeta' | 'setMeta' | 'log' | 'counts' | 'events' | 'acquire' | 'release'
  >;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly project: string;
  readonly targets: readonly NoticeTarget[];
  /** Whoever holds it sends; the others wait for it. */
  readonly lease: string;
  readonly leaseMs: number;
  /** Something that is no event, such as a store that cannot be reached. */
  readonly onNotice: (message: string) => void;
}

/** After the end it goes on for so long with what was not told yet, ms; the rest is told at the next start. */
const LAST_WORDS_MS = 2_000;
/** The store failed: so long until it is tried again, ms. */
const STORE_PAUSE_MS = 5_000;

/**
 * Tells targets outside of what people should know. The log is the queue: each target has a cursor in the store, so
 * that nothing is lost with a process, and what cannot be delivered yet takes no memory. Of all processes that run the
 * project one sends, by a lease. Nothing here is waited for by the engine.
 */
export class NoticeSender implements AsyncDisposable {
  readonly #parts: NoticeSenderParts;
  readonly #owner: string;
  /** What was committed before is still told. */
  readonly #ending = new AbortController();
  /** Nothing is told any more. */
  readonly #over = new AbortController();
  /** Names of targets that were not told everything at the end. */
  readonly #untold = new Set<string>();
  #running: Promise<void> | undefined;

  constructor(parts: NoticeSenderParts) {
    this.#parts = parts;
    this.#owner = parts.ids.next('ntc');
  }

  /** What happens after it resolves is told; of what was before, a target that is new is told nothing. */
  async start(): Promise<void> {
    const { store, targets } = this.#parts;
    for (const target of targets) {
      const cursor = cursorOf(target);
      if ((await store.getMeta(cursor)) === undefined)
        await store.setMeta(cursor, String(await store.head()));
    }
    this.#running ??= this.#run();
  }

  /** Tells what has happened until now, if that is possible soon. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    const patience = new AbortController();
    void this.#parts.clock.sleep(LAST_WORDS_MS, patience.signal).then(() => this.#over.abort());
    await this.#running;
    patience.abort();
    for (const name of this.#untold) {
      this.#parts.onNotice(
        `${name} was not told of everything before the end; the next run tells it the rest`,
      );
    }
  }

  async #run(): Promise<void> {
    const { clock, leaseMs, onNotice } = this.#parts;
    let isTold = false;
    while (!this.#over.signal.aborted) {
      try {
        const lease = await this.#acquire();
        if (lease !== undefined) await this.#hold(lease);
        isTold = false;
        if (this.#ending.signal.aborted) return;
        await clock.sleep(leaseMs / 3, this.#ending.signal);
        // The holder may have ended in this very moment, with something untold.
        if (this.#ending.signal.aborted && lease !== undefined) return;
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        if (!isTold) onNotice(`Nobody outside is told of anything now: ${messageOf(error)}`);
        isTold = true;
        await clock.sleep(STORE_PAUSE_MS, this.#ending.signal);
      }
    }
  }

  async #acquire(): Promise<NamedLease | undefined> {
    const { store, lease, leaseMs } = this.#parts;
    const taken = await store.acquire(lease, this.#owner, leaseMs);
    return 'heldBy' in taken ? undefined : taken;
  }

  /** Sends as long as the lease is ours, and gives it back at the end. */
  async #hold(lease: NamedLease): Promise<void> {
    const { store, targets } = this.#parts;
    const cut = new AbortController();
    const stop = () => cut.abort();
    this.#over.signal.addEventListener('abort', stop);
    const renewing = this.#renew(cut);
    try {
      await Promise.all(targets.map((target) => this.#tell(target, cut.signal)));
    } finally {
      cut.abort();
      this.#over.signal.removeEventListener('abort', stop);
      await renewing;
      await store.release(lease, this.#owner);
    }
  }

  async #renew(cut: AbortController): Promise<void> {
    const { clock, leaseMs } = this.#parts;
    let heldUntil = clock.steady() + leaseMs;
    while (!cut.signal.aborted) {
      await clock.sleep(leaseMs / 3, cut.signal);
      if (cut.signal.aborted) return;
      const askedAt = clock.steady();
      try {
        if ((await this.#acquire()) === undefined) cut.abort();
        else heldUntil = askedAt + leaseMs;
      } catch {
        // Tried again until the lease may be somebody else's.
        if (clock.steady() + leaseMs / 3 >= heldUntil) cut.abort();
      }
    }
  }

  /** One target, in order: it hears of the next event when the one before was told or given up. */
  async #tell(target: NoticeTarget, cut: AbortSignal): Promise<void> {
    const { store, bus } = this.#parts;
    const cursor = cursorOf(target);
    const after = Number(await store.getMeta(cursor));
    const types =
      target.events === undefined ? NOTICE_TYPES : (target.events.flatMap(typesOf) as EventPattern[]);
    for await (const events of bus.subscribe({ after, types, until: this.#ending.signal, cut })) {
      for (const event of events) {
        const notices = await this.#noticesOf(target, event);
        for (const notice of notices) {
          if (!(await this.#deliver(target, notice, cut))) return;
        }
        if (notices.length > 0) await store.setMeta(cursor, String(event.seq));
      }
      const last = events.at(-1);
      if (last !== undefined) await store.setMeta(cursor, String(last.seq));
    }
  }

  async #noticesOf(target: NoticeTarget, event: LoggedEvent): Promise<readonly Notice[]> {
    const { project } = this.#parts;
    const notices: Notice[] = [];
    const told = noticeOf(event);
    const about = { project, event };
    if (told !== undefined) notices.push({ ...about, ...told, id: `evt_${event.seq}` });
    else if (target.events !== undefined) {
      const { type: title } = event;
      const text = 'task' in event ? event.task : '';
      notices.push({ ...about, kind: 'event', title, text, id: `evt_${event.seq}` });
    }
    const finish = target.events === undefined ? await this.#finishAt(event) : undefined;
    if (finish !== undefined) notices.push({ ...about, ...finish, id: `evt_${event.seq}_finish` });
    return notices;
  }

  /** Was that the end of the last task? Of several that ended meanwhile, the last one says so. */
  async #finishAt(event: LoggedEvent): Promise<ReturnType<typeof finishOf>> {
    const { store } = this.#parts;
    if (!ENDINGS.includes(event.type)) return undefined;
    const finish = finishOf(await store.counts());
    if (finish === undefined) return undefined;
    const later = await store.events(event.seq, { types: ENDINGS, limit: 1 });
    return later.length === 0 ? finish : undefined;
  }

  /** Until it is delivered or given up; false when there is no time left for it. */
  async #deliver(target: NoticeTarget, notice: Notice, cut: AbortSignal): Promise<boolean> {
    const { clock, ids, store } = this.#parts;
    for (let tries = 1; !cut.aborted; tries += 1) {
      const delivery = await target.deliver(notice, cut);
      if (delivery.kind === 'delivered') return true;
      // What was broken off is neither refused nor a try.
      if (cut.aborted) break;
      if (delivery.kind === 'refused' || tries === MOST_TRIES) {
        const { reason } = delivery;
        const event = notice.event.seq;
        await store.log([{ type: 'notice.undelivered', to: target.name, event, reason, tries }]);
        return true;
      }
      // At the end nobody waits for a better time: the next run tells it.
      if (this.#ending.signal.aborted) break;
      await clock.sleep(retryDelayMs(tries, ids.random(), delivery.afterMs), this.#ending.signal);
    }
    if (this.#ending.signal.aborted) this.#untold.add(target.name);
    return false;
  }
}

/** Where the store keeps the number of the last event that the target was told of, or needs not to be. */
function cursorOf({ key }: NoticeTarget): string {
  return `notices:${key}`;
}
