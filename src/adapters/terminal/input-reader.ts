import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../core/ports.ts';
import type { TerminalDevice } from './device.ts';
import { type DecodedInput, InputDecoder } from './input-decoder.ts';

/** Reads a terminal and decodes it; Escape alone is told after a short time in which nothing follows it. */
export class InputReader {
  readonly #decoder = new InputDecoder();
  readonly #clock: Clock;
  readonly #onInput: (input: DecodedInput) => void;
  readonly #reading: { stop(): void };
  #timer = new AbortController();

  constructor(options: {
    readonly device: TerminalDevice;
    readonly clock: Clock;
    readonly onInput: (input: DecodedInput) => void;
    readonly onGone: () => void;
  }) {
    this.#clock = options.clock;
    this.#onInput = options.onInput;
    this.#reading = options.device.read((bytes) => this.#take(bytes), options.onGone);
  }

  /** Leaves the input to others; what has begun is forgotten. */
  stop(): void {
    this.#reading.stop();
    this.#timer.abort();
  }

  #take(bytes: Uint8Array): void {
    this.#timer.abort();
    for (const input of this.#decoder.feed(bytes)) this.#onInput(input);
    const { waitMs } = this.#decoder;
    if (waitMs !== undefined) void this.#flushAfter(waitMs);
  }

  async #flushAfter(ms: number): Promise<void> {
    const timer = new AbortController();
    this.#timer = timer;
    await this.#clock.sleep(ms, timer.signal);
    // On a busy machine the rest may have come meanwhile, and timers are told before input: it has its turn first.
    await nextTurn();
    if (timer.signal.aborted) return;
    for (const input of this.#decoder.flush()) this.#onInput(input);
  }
}
