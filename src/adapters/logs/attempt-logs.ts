import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { OutputLine } from '../../core/agents/ports.ts';
import type { AttemptLogs, StepLog } from '../../core/attempts/ports.ts';
import type { TaskId } from '../../core/ids.ts';

/**
 * Keeps each step's output under `<dir>/<task>/<attempt>-<step>`: `.jsonl` holds the raw lines of both streams as
 * `{"stream","text"}`, `.log` the text for people. Files are made at the first line, private to the user. A disk
 * that refuses a write loses log lines, never work: the error is reported once through `onError`.
 */
export class FileAttemptLogs implements AttemptLogs {
  readonly #dir: string;
  readonly #onError: (error: Error) => void;

  constructor(dir: string, onError: (error: Error) => void) {
    this.#dir = dir;
    this.#onError = onError;
  }

  open(step: { task: TaskId; attempt: number; step: number }): StepLog {
    const base = join(this.#dir, step.task, `${step.attempt}-${step.step}`);
    const raw = new LazyFile(`${base}.jsonl`, this.#onError);
    const text = new LazyFile(`${base}.log`, this.#onError);
    return {
      raw: (line: OutputLine) => {
        raw.write(
          `${JSON.stringify({ stream: line.stream, text: line.text, ...(line.truncated ? { truncated: true } : {}) })}\n`,
        );
      },
      text: (line: string) => text.write(line.endsWith('\n') ? line : `${line}\n`),
      [Symbol.asyncDispose]: async () => {
        await Promise.all([raw.end(), text.end()]);
      },
    };
  }
}

class LazyFile {
  readonly #path: string;
  readonly #onError: (error: Error) => void;
  #stream: WriteStream | undefined;
  #broken = false;

  constructor(path: string, onError: (error: Error) => void) {
    this.#path = path;
    this.#onError = onError;
  }

  write(text: string): void {
    if (this.#broken) return;
    try {
      this.#stream ??= this.#open();
      this.#stream.write(text);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  async end(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || this.#broken) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    stream.once('close', resolve);
    stream.end();
    await promise;
  }

  #open(): WriteStream {
    mkdirSync(join(this.#path, '..'), { recursive: true, mode: 0o700 });
    const stream = createWriteStream(this.#path, { flags: 'a', mode: 0o600 });
    stream.on('error', (error) => this.#fail(error));
    return stream;
  }

  #fail(error: Error): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#onError(error);
  }
}
