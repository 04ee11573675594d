import type { StopOptions } from '../../surfaces/cli/context.ts';
import { EXIT } from '../../surfaces/cli/exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * SIGINT, SIGTERM and SIGHUP of this process. Whoever takes the signal ends by itself at the first one, with its
 * work saved; a second one kills all that it started and ends the process at once, unless who took it asked for
 * patience. As long as nobody took it, the first one does.
 */
export class StopSignals {
  readonly #control = new AbortController();
  readonly #process: NodeJS.Process;
  readonly #handle: () => void;
  #taken = false;
  #isPatient = false;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    this.#handle = () => {
      if (!this.#taken) process.exit(EXIT.interrupted);
      if (!this.#control.signal.aborted) this.#control.abort();
      else if (!this.#isPatient) void this.#force();
    };
    for (const signal of SIGNALS) process.on(signal, this.#handle);
  }

  /** State that is not saved yet is lost like in a crash, and the next run recovers from it in the same way. */
  async #force(): Promise<void> {
    try {
      const { killNow } = await import('../../adapters/process/descendants.ts');
      killNow();
    } finally {
      this.#process.exit(EXIT.interrupted);
    }
  }

  /** As if the signal had come. */
  raise(): void {
    this.#handle();
  }

  take({ again = 'forces' }: StopOptions = {}): AbortSignal {
    this.#taken = true;
    this.#isPatient = again === 'ignored';
    return this.#control.signal;
  }

  end(): void {
    for (const signal of SIGNALS) this.#process.off(signal, this.#handle);
  }
}
