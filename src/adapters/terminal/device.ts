import { write, writeSync } from 'node:fs';
import type { TerminalSize } from '../../core/terminal/ports.ts';

/** The two ends of a terminal, as far as drawing on it needs them. */
export interface TerminalDevice {
  size(): TerminalSize;
  /** Keys come one by one and are not shown, or as lines again. Taking it again sets it anew. */
  setRaw(isRaw: boolean): void;
  /** Calls back with what is typed until `stop`; then the input is left to others. */
  read(onBytes: (bytes: Uint8Array) => void, onGone: () => void): { stop(): void };
  onResize(listener: () => void): { stop(): void };
  /** Resolves when the terminal has taken all of it; rejects when it is gone. */
  write(text: string): Promise<void>;
  /** At once, for the end of the process. What cannot be written is not. */
  writeNow(text: string): void;
}

const RETRY_MS = 5;
/** A terminal that takes anything has taken a frame by then. */
const LAST_WRITE_MS = 50;

/** The terminal of this process. `wait` is how a write waits for one that takes nothing just now. */
export function processDevice(
  { stdin, stdout }: Pick<NodeJS.Process, 'stdin' | 'stdout'>,
  wait: (ms: number) => Promise<void>,
): TerminalDevice {
  let isWriting = false;
  // A terminal that hangs up while nobody reads it is no error of this process.
  stdin.on('error', () => {});
  return {
    size: () => ({ width: stdout.columns || 80, height: stdout.rows || 24 }),
    setRaw: (isRaw) => {
      // Node does nothing when it thinks that it is so already, but another program may have set it otherwise.
      if (isRaw && stdin.isRaw) stdin.setRawMode(false);
      stdin.setRawMode(isRaw);
    },
    read: (onBytes, onGone) => {
      stdin.on('data', onBytes).on('end', onGone).on('error', onGone);
      stdin.resume();
      return {
        stop: () => {
          stdin.pause();
          stdin.off('data', onBytes).off('end', onGone).off('error', onGone);
        },
      };
    },
    onResize: (listener) => {
      stdout.on('resize', listener);
      return { stop: () => stdout.off('resize', listener) };
    },
    write: async (text) => {
      let rest: Uint8Array = Buffer.from(text);
      while (rest.length > 0) {
        isWriting = true;
        const written = await writeSome(stdout.fd, rest).finally(() => {
          isWriting = false;
        });
        if (written === 0) await wait(RETRY_MS);
        rest = rest.subarray(written);
      }
    },
    writeNow: (text) => {
      // What another thread is writing would come after it.
      if (isWriting) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WRITE_MS);
      try {
        writeSync(stdout.fd, text);
      } catch {
        // Gone, or it takes nothing: there is nobody to see it either.
      }
    },
  };
}

/**
 * On a thread, since Node's own streams write to terminals in the way of everything else: with one that takes nothing
 * (its window is held, its connection hangs) all of the process would stand still.
 */
function writeSome(fd: number, bytes: Uint8Array): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  write(fd, bytes, (error, written) => {
    if (error === null) resolve(written);
    else if (error.code === 'EAGAIN' || error.code === 'EINTR') resolve(0);
    else reject(error);
  });
  return promise;
}
