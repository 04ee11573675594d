import { systemClock } from '../../adapters/system/clock.ts';
import type { DeliveryOutcome } from '../../core/api/parts.ts';
import { lookDelayMs } from '../../core/delivery/look-delay.ts';
import { CodewalkError, messageOf } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';

export interface PullWatchParts {
  readonly clock?: Clock;
  /** Is there an open pull request, or work that none has yet while nothing is at work? Asks nobody outside. */
  readonly wants: () => Promise<{ readonly look: boolean; readonly propose: boolean }>;
  /** Its state at the forge. */
  readonly look: (signal: AbortSignal) => Promise<{ readonly state: string } | undefined>;
  readonly propose: () => Promise<DeliveryOutcome>;
  readonly onNotice: (message: string) => void;
}

/**
 * From now until it is disposed of, notices when the open pull request was merged, and proposes what is new. It looks
 * less and less often while nothing happens, and not at all after what only a person can mend.
 */
export class PullWatch implements AsyncDisposable {
  readonly #parts: PullWatchParts;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  constructor(parts: PullWatchParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
  }

  start(): void {
    this.#watching = this.#watch(this.#ended.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#watching;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    let quiet = 0;
    let error: unknown;
    for (;;) {
      const delay = lookDelayMs(quiet, error);
      if (delay === undefined) {
        const advice = error instanceof CodewalkError ? (error.advice ?? '') : '';
        this.#parts.onNotice(`the pull request is not looked at any more: ${messageOf(error)}. ${advice}`);
        return;
      }
      await this.#clock.sleep(delay, signal);
      if (signal.aborted) return;
      try {
        quiet = (await this.#turn(signal)) ? 0 : quiet + 1;
        error = undefined;
      } catch (failed) {
        // A store or a remote that does not answer now may do so later; bad configuration does not.
        error = failed;
        quiet += 1;
      }
      if (signal.aborted) return;
    }
  }

  /** True when something was new. */
  async #turn(signal: AbortSignal): Promise<boolean> {
    const { wants, look, propose, onNotice } = this.#parts;
    const wanted = await wants();
    const state = wanted.look ? (await look(signal))?.state : undefined;
    if (state === 'merged' || state === 'closed') return true;
    if (!wanted.propose) return false;
    const outcome = await propose();
    if (outcome.kind !== 'proposed') return false;
    onNotice(`${outcome.tasks.length} tasks wait in pull request #${outcome.number}: ${outcome.url}`);
    return true;
  }
}
