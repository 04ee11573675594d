import { joined, type TurnPart } from '../agents/turn.ts';
import type { AttemptEvent } from '../events/event.ts';
import type { Store, TaskLease } from '../tasks/ports.ts';

/** The attempt's fence is old: another orchestrator has the task, or a person cancelled it. */
export class LeaseLostError extends Error {
  readonly code = 'LEASE_LOST';
  constructor(lease: TaskLease) {
    super(`Attempt ${lease.attempt} of task ${lease.task} is no longer ours (fence ${lease.fence})`);
  }
}

interface JournalListeners {
  readonly lost: () => void;
  /** `task.done` is on its way to the store: what is asked of the store from now on comes after it. */
  readonly finishing: () => void;
}

/**
 * Writes one attempt's facts in order. `note` waits for the next `commit`, so that facts which nobody acts on yet
 * share its transaction.
 */
export class Journal {
  readonly #store: Store;
  readonly lease: TaskLease;
  readonly #on: JournalListeners;
  #waiting: AttemptEvent[] = [];
  #parts: TurnPart[] = [];
  #lost = false;

  constructor(store: Store, lease: TaskLease, on: JournalListeners) {
    this.#store = store;
    this.lease = lease;
    this.#on = on;
  }

  note(...events: AttemptEvent[]): void {
    this.#waiting.push(...events);
  }

  /** What was said goes with the next commit, and asks for none. */
  record(part: TurnPart): void {
    const last = this.#parts.at(-1);
    if (last?.step !== part.step) this.#parts.push(part);
    else this.#parts[this.#parts.length - 1] = joined(last, part);
  }

  /** Resolves once everything noted so far is durable. Throws `LeaseLostError`, and then always. */
  async commit(...events: AttemptEvent[]): Promise<void> {
    if (this.#lost) throw new LeaseLostError(this.lease);
    const batch = [...this.#waiting, ...events];
    const parts = this.#parts;
    this.#waiting = [];
    this.#parts = [];
    if (batch.length === 0 && parts.length === 0) return;
    const appended = this.#store.append(this.lease, batch, parts).catch((error: unknown) => {
      // Nothing was written: the facts wait for the next commit instead of being forgotten.
      this.#waiting = [...batch, ...this.#waiting];
      this.#parts = [...parts, ...this.#parts];
      throw error;
    });
    if (batch.at(-1)?.type === 'task.done') this.#on.finishing();
    const outcome = await appended;
    if (outcome.kind === 'lease-lost') {
      this.#lost = true;
      this.#on.lost();
      throw new LeaseLostError(this.lease);
    }
  }
}
