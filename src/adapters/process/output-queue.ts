import type { OutputLine } from '../../core/agents/ports.ts';

/** Lines wait here at most up to this many characters before reading pauses. */
const HIGH_WATER = 1_048_576;
const LINE_OVERHEAD = 64;

/**
 * Lines between the pipes and the one who reads them. When too much waits, `onFull` is called, and `onRoom` once
 * most of it is taken.
 */
export class OutputQueue implements AsyncIterableIterator<OutputLine> {
  readonly #onFull: () => void;
  readonly #onRoom: () => void;
  #lines: OutputLine[] = [];
  #next = 0;
  #waiting = 0;
  #full = false;
  #ended = false;
  #taker: ((result: IteratorResult<OutputLine>) => void) | undefined;

  constructor(hooks: { onFull: () => void; onRoom: () => void }) {
    this.#onFull = hooks.onFull;
    this.#onRoom = hooks.onRoom;
  }

  put(line: OutputLine): void {
    if (this.#ended) return;
    if (this.#taker !== undefined) {
      const take = this.#taker;
      this.#taker = undefined;
      take({ done: false, value: line });
      return;
    }
    this.#lines.push(line);
    this.#waiting += line.text.length + LINE_OVERHEAD;
    if (!this.#full && this.#waiting > HIGH_WATER) {
      this.#full = true;
      this.#onFull();
    }
  }

  /** No more lines come; those that wait can still be taken. */
  end(): void {
    this.#ended = true;
    this.#taker?.({ done: true, value: undefined });
    this.#taker = undefined;
  }

  next(): Promise<IteratorResult<OutputLine>> {
    const line = this.#lines[this.#next];
    if (line === undefined) {
      if (this.#ended) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => {
        this.#taker = resolve;
      });
    }
    this.#next += 1;
    this.#waiting -= line.text.length + LINE_OVERHEAD;
    if (this.#next === this.#lines.length || this.#next > 4_096) {
      this.#lines = this.#lines.slice(this.#next);
      this.#next = 0;
    }
    if (this.#full && this.#waiting < HIGH_WATER / 2) {
      this.#full = false;
      this.#onRoom();
    }
    return Promise.resolve({ done: false, value: line });
  }

  /** The reader stopped early: what still comes is thrown away, so that the program does not block on it. */
  return(): Promise<IteratorResult<OutputLine>> {
    this.end();
    this.#lines = [];
    this.#next = 0;
    this.#waiting = 0;
    if (this.#full) {
      this.#full = false;
      this.#onRoom();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
