/** Messages that wait for one reader, in the order they came. */
export class Mailbox<Message> {
  #waiting: Message[] = [];
  #wake: (() => void) | undefined;

  put(message: Message): void {
    this.#waiting.push(message);
    this.#wake?.();
  }

  /** All that came since the last time, at once; waits for the first one, or until `signal` aborts. */
  async take(signal: AbortSignal): Promise<readonly Message[]> {
    if (this.#waiting.length === 0 && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = (): void => resolve();
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
      await promise;
      signal.removeEventListener('abort', wake);
      this.#wake = undefined;
    }
    return this.drain();
  }

  /** All that came since the last time; nothing when nothing did. */
  drain(): readonly Message[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }
}
