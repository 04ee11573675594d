import { EXIT } from '../../surfaces/cli/exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * SIGINT, SIGTERM and SIGHUP of this process. Whoever takes the signal ends by itself at the first one, with its
 * work saved; a second one kills all that it started and ends the process at once. As long as nobody took it, the first one does.
 */
export class StopSignals {
  readonly #control = new AbortController();
  readonly #process: NodeJS.Process;
  readonly #handle: () => void;
  #taken = false;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    this.#handle = () => {
      if (!this.#taken) process.exit(EXIT.interrupted);
      if (this.#control.signal.aborted) void this.#force();
      else this.#control.abort();
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

  take(): AbortSignal {
    this.#taken = true;
    return this.#control.signal;
  }

  end(): void {
    for (const signal of SIGNALS) this.#process.off(signal, this.#handle);
  }
}
