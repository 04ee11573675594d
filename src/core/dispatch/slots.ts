/**
 * Room for agents in one orchestrator. An agent that waits for an answer does nothing: while it waits, whoever finds
 * the answer for it works in its place, so that there are never more at work than the limit allows.
 */
export class Slots {
  readonly #listeners = new Set<() => void>();
  #attempts = 0;
  #waiting = 0;
  #advising = 0;
  #wanted = 0;

  /** How many slots are taken. */
  get taken(): number {
    return this.#attempts + Math.max(0, this.#advising - this.#waiting);
  }

  /** How many attempts may begin when at most `max` agents work at once; one is kept for an adviser that waits. */
  freeFor(max: number): number {
    return Math.max(0, max - this.taken - this.#wanted);
  }

  /** An attempt began. The returned function ends that, once. */
  take(): () => void {
    this.#attempts += 1;
    return this.#once(() => {
      this.#attempts -= 1;
    });
  }

  /** An attempt's agent waits for an answer, until this is disposed. */
  lend(): Disposable {
    this.#waiting += 1;
    this.#tell();
    return asDisposable(
      this.#once(() => {
        this.#waiting -= 1;
      }),
    );
  }

  /** An agent is about to advise: in the place of one that waits, or else in the next slot that is free. */
  async advise(max: number, signal: AbortSignal): Promise<Disposable | undefined> {
    this.#wanted += 1;
    try {
      while (!signal.aborted && this.#waiting <= this.#advising && this.taken >= max) {
        await this.#change(signal);
      }
    } finally {
      this.#wanted -= 1;
    }
    if (signal.aborted) return undefined;
    this.#advising += 1;
    return asDisposable(
      this.#once(() => {
        this.#advising -= 1;
      }),
    );
  }

  /** Calls `listener` whenever there may be more room. The returned function ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = this.onChange(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    end();
  }

  #once(free: () => void): () => void {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      free();
      this.#tell();
    };
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function asDisposable(end: () => void): Disposable {
  return { [Symbol.dispose]: end };
}
