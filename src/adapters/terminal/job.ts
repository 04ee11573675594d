import type { Clock } from '../../core/ports.ts';

/** The job of the shell that this process belongs to: it can be stopped, and is told when it goes on. */
export interface Job {
  /** Stops all of it, as Ctrl+Z does; resolves when it was continued, or at once where no shell could continue it. */
  stop(): Promise<void>;
  /** Somebody else asks it to stop, or it goes on after it was stopped. */
  watch(listeners: { readonly onStop: () => void; readonly onContinue: () => void }): Disposable;
}

const NOT_STOPPED_MS = 200;

export function processJob(process: NodeJS.Process, clock: Clock): Job {
  let onStopNow: (() => void) | undefined;
  return {
    async stop() {
      const continued = new AbortController();
      const onContinue = (): void => continued.abort();
      process.once('SIGCONT', onContinue);
      // With a listener the signal would not stop this process.
      if (onStopNow !== undefined) process.off('SIGTSTP', onStopNow);
      try {
        // To the whole job. Where there is no shell to continue it the kernel ignores it (setpgid(2), "orphaned"),
        // which SIGSTOP would not be: then no SIGCONT comes either.
        process.kill(0, 'SIGTSTP');
        await clock.sleep(NOT_STOPPED_MS, continued.signal);
      } finally {
        process.off('SIGCONT', onContinue);
        if (onStopNow !== undefined) process.on('SIGTSTP', onStopNow);
      }
    },
    watch({ onStop, onContinue }) {
      onStopNow = onStop;
      process.on('SIGTSTP', onStop).on('SIGCONT', onContinue);
      return {
        [Symbol.dispose]: () => {
          onStopNow = undefined;
          process.off('SIGTSTP', onStop).off('SIGCONT', onContinue);
        },
      };
    },
  };
}
