import type { Clock } from '../../core/ports.ts';

/** No eye sees more, and every frame costs. */
const FRAME_MS = 33;
/** What a person does is shown sooner than what agents do. */
const HURRIED_MS = 8;

/** Says when the next frame is due. */
export class Pace {
  readonly #clock: Clock;
  #paintedAt = Number.NEGATIVE_INFINITY;
  #hurry = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A person waits for the next frame. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** A frame shows all that came so far. */
  painted(): void {
    this.#paintedAt = this.#clock.steady();
    this.#hurry = new AbortController();
  }

  /** Resolves when the next frame is due, or `signal` aborts. */
  async due(signal: AbortSignal): Promise<void> {
    const left = this.#paintedAt + FRAME_MS - this.#clock.steady();
    if (left > 0) await this.#clock.sleep(left, AbortSignal.any([signal, this.#hurry.signal]));
    const least = this.#paintedAt + HURRIED_MS - this.#clock.steady();
    if (least > 0) await this.#clock.sleep(least, signal);
  }
}
