import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { OutputLine } from '../../core/agents/ports.ts';
import type { AttemptLogs, StepLog } from '../../core/attempts/ports.ts';
import type { TaskId } from '../../core/ids.ts';

const FLUSH_CHARS = 65_536;

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
        raw.end();
        text.end();
      },
    };
  }
}

/**
 * Appends with blocking writes of up to 64 KiB, once a turn of the event loop: the memory it holds is bounded by
 * what one turn produces, however fast the agent prints, and a reader follows it live.
 */
class LazyFile {
  readonly #path: string;
  readonly #onError: (error: Error) => void;
  #fd: number | undefined;
  #waiting = '';
  #scheduled: NodeJS.Immediate | undefined;
  #broken = false;

  constructor(path: string, onError: (error: Error) => void) {
    this.#path = path;
    this.#onError = onError;
  }

  write(text: string): void {
    if (this.#broken) return;
    this.#waiting += text;
    if (this.#waiting.length >= FLUSH_CHARS) this.#flush();
    else this.#scheduled ??= setImmediate(() => this.#flush());
  }

  end(): void {
    this.#flush();
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const text = this.#waiting;
    this.#waiting = '';
    if (text === '' || this.#broken) return;
    try {
      this.#fd ??= this.#open();
      writeFileSync(this.#fd, text);
    } catch (error) {
      this.#broken = true;
      this.#onError(error as Error);
    }
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    return openSync(this.#path, 'a', 0o600);
  }
}
