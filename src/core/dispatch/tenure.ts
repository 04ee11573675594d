import { crashPoint } from '../crash-points.ts';
import type { Clock } from '../ports.ts';
import type { Heartbeat, HeldLeases, Store } from '../tasks/ports.ts';

/** A lease as its holder knows it, on its own steady clock. */
export interface Term {
  /** When the last renewal that succeeded was asked for: the database began the lease after that. */
  readonly renewedAt: number;
  readonly leaseMs: number;
}

/** The last part of a lease is for stopping: who may take over at its end shall find nothing at work. */
const STOPPING_SHARE = 0.1;
/** The clock is looked at this often, because a timer does not run while the machine sleeps. */
const LOOK_MS = 500;
/** A look that comes so much later than planned was kept by more than a busy machine. */
const FROZEN_MS = 2_000;

/**
 * Until when the holder may do what others can see; by its steady clock.
 *
 * @internal
 */
export function writableUntil({ renewedAt, leaseMs }: Term): number {
  return renewedAt + leaseMs * (1 - STOPPING_SHARE);
}

/**
 * Whether the holder of the lease may still do what others can see.
 *
 * @internal
 */
export function mayWrite(term: Term, now: number): boolean {
  return now < writableUntil(term);
}

/** An effect was asked for after the orchestrator's time was over. Nothing was done. */
export class TenureOverError extends Error {
  readonly code = 'TENURE_OVER';
}

/** Who works under a tenure: says what to renew, and hears what comes of it. */
export interface Tenant {
  held(): Pick<HeldLeases, 'leases' | 'names'>;
  beaten(beat: Heartbeat): Promise<void>;
  /** The tenure is over, or the store failed for good. Called once, before anything else can happen. */
  ended(): void;
}

export interface TenureParts {
  readonly orchestrator: string;
  readonly store: Pick<Store, 'heartbeat'>;
  readonly clock: Clock;
  readonly lease: { readonly leaseMs: number; readonly heartbeatMs: number };
}

/**
 * The time in which one orchestrator may act: from its registration as long as its heartbeats renew its leases. When
 * the last renewal is older than the lease, whatever kept the next one (a store that does not answer, a blocked event
 * loop, a process that was stopped, a machine that slept), it is over for good: others may have taken its tasks.
 */
export class Tenure implements AsyncDisposable {
  readonly #parts: TenureParts;
  readonly #ended = new AbortController();
  #renewedAt: number;
  #over: string | undefined;
  #failure: { readonly error: unknown } | undefined;
  #tenant: Tenant | undefined;
  #loops: Promise<unknown> = Promise.resolve();
  #lookedAt: number;
  #frozenMs = 0;
  #dismissedBy: string | undefined;

  /** Begins now, which must be before the registration is asked for. */
  constructor(parts: TenureParts) {
    this.#parts = parts;
    this.#renewedAt = parts.clock.steady();
    this.#lookedAt = this.#renewedAt;
  }

  /** Why it is over; absent as long as it is not. */
  get over(): string | undefined {
    this.#look();
    return this.#over;
  }

  /** Who asked this orchestrator to finish its turns and end. */
  get dismissedBy(): string | undefined {
    return this.#dismissedBy;
  }

  /** What broke the heartbeat, other than its lateness. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Before anything that others can see. Throws `TenureOverError`. */
  check(): void {
    this.#look();
    if (this.#over !== undefined) throw new TenureOverError(this.#over);
  }

  /** Keeps the leases from now on, once the orchestrator is registered. */
  start(): void {
    this.#loops = Promise.all([this.#beatAll(), this.#lookAll()]);
  }

  /** There is one tenant at most. */
  occupy(tenant: Tenant): void {
    this.#tenant = tenant;
  }

  /** Lets the leases run out. Waits for a heartbeat that is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#loops;
  }

  async #beatAll(): Promise<void> {
    const { clock, lease } = this.#parts;
    const { signal } = this.#ended;
    while (!signal.aborted) {
      await clock.sleep(lease.heartbeatMs, signal);
      if (signal.aborted || this.over !== undefined) return;
      crashPoint('heartbeat.due');
      try {
        await this.#beat();
      } catch (error) {
        this.#failure = { error };
        this.#end();
        return;
      }
    }
  }

  async #beat(): Promise<void> {
    const { orchestrator, store, clock, lease } = this.#parts;
    const askedAt = clock.steady();
    const held = this.#tenant?.held() ?? { leases: [], names: [] };
    const beat = await store.heartbeat(orchestrator, { ...held, leaseMs: lease.leaseMs });
    crashPoint('heartbeat.written');
    if (this.over !== undefined) return;
    this.#renewedAt = askedAt;
    this.#frozenMs = 0;
    this.#dismissedBy = beat.stopBy;
    await this.#tenant?.beaten(beat);
  }

  async #lookAll(): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#ended;
    while (!signal.aborted && this.over === undefined) {
      const leftMs = writableUntil(this.#term) - clock.steady();
      await clock.sleep(Math.max(1, Math.min(leftMs, LOOK_MS)), signal);
    }
  }

  get #term(): Term {
    return { renewedAt: this.#renewedAt, leaseMs: this.#parts.lease.leaseMs };
  }

  #look(): void {
    const now = this.#parts.clock.steady();
    const lateMs = now - this.#lookedAt - LOOK_MS;
    this.#lookedAt = now;
    if (lateMs > FROZEN_MS) this.#frozenMs = lateMs;
    if (this.#over !== undefined || mayWrite(this.#term, now)) return;
    const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
    this.#over =
      this.#frozenMs > 0
        ? `this process did not run for ${seconds(this.#frozenMs)}`
        : `the store did not renew its lease for ${seconds(now - this.#renewedAt)}`;
    this.#end();
  }

  #end(): void {
    this.#ended.abort();
    this.#tenant?.ended();
  }
}
