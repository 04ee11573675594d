import type { Clock } from '../ports.ts';
import type { StopReason } from './attempt-context.ts';

/** The time limit of one attempt, counted from its start. A person may change it meanwhile. */
export class Deadline {
  readonly #clock: Clock;
  readonly #attempt: AbortController;
  readonly #startedAt: number;
  #timeoutMs: number | undefined;
  #alarm: AbortController | undefined;

  constructor(clock: Clock, attempt: AbortController) {
    this.#clock = clock;
    this.#attempt = attempt;
    this.#startedAt = clock.now();
  }

  /** Stops the attempt with `timeout` once it has taken so long; `undefined` takes the limit away. */
  set(timeoutMs: number | undefined): void {
    if (timeoutMs === this.#timeoutMs) return;
    this.#timeoutMs = timeoutMs;
    this.end();
    if (timeoutMs === undefined) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    const left = Math.max(0, this.#startedAt + timeoutMs - this.#clock.now());
    void this.#clock.sleep(left, alarm.signal).then(() => {
      if (alarm.signal.aborted || this.#attempt.signal.aborted) return;
      this.#attempt.abort('timeout' satisfies StopReason);
    });
  }

  end(): void {
    this.#alarm?.abort();
    this.#alarm = undefined;
  }
}
