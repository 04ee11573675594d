import { UsageError } from '../../core/errors.ts';
import type { CliIo } from './io.ts';

/** The streams of this process. A reader that goes away (`cw events | head`) ends the output quietly. */
export function processIo(process: NodeJS.Process): CliIo {
  const { stdout } = process;
  const listeners: (() => void)[] = [];
  let closed = false;
  const watch = (stream: NodeJS.WriteStream, onClosed: () => void): void => {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever closed the pipe has what it wanted; any other failure to write is a real one.
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      onClosed();
    });
  };
  watch(stdout, () => {
    if (closed) return;
    closed = true;
    for (const listener of listeners) listener();
  });
  // Node makes each stream when it is first asked for, which is not free: most commands never need the other two.
  let stderr: NodeJS.WriteStream | undefined;
  const openStderr = (): NodeJS.WriteStream => {
    if (stderr === undefined) {
      stderr = process.stderr;
      watch(stderr, () => {});
    }
    return stderr;
  };
  return {
    out: (text) => {
      if (!closed) stdout.write(text);
    },
    drained: async () => {
      if (closed || !stdout.writableNeedDrain) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      stdout.once('drain', resolve);
      listeners.push(resolve);
      await promise;
    },
    err: (text) => {
      openStderr().write(text);
    },
    outIsTerminal: stdout.isTTY === true,
    get errIsTerminal() {
      return openStderr().isTTY === true;
    },
    columns: () => stdout.columns || 80,
    onOutputClosed: (listener) => {
      listeners.push(listener);
    },
    readInput: (maxBytes) => readAll(process.stdin, maxBytes),
    get canAsk() {
      return process.stdin.isTTY === true && stdout.isTTY === true;
    },
    ask: async (question) => {
      const { createInterface } = await import('node:readline/promises');
      using lines = createInterface({ input: process.stdin, output: stdout });
      return await lines.question(question);
    },
    env: process.env,
  };
}

async function readAll(stream: NodeJS.ReadStream, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new UsageError('INPUT_TOO_LARGE', `standard input is longer than ${maxBytes} bytes`, {
        advice: 'put long material into a file of the repository and name it in the prompt',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
