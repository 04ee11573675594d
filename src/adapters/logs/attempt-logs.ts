import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Tail } from '../../core/agents/json-line.ts';
import type { OutputLine } from '../../core/agents/ports.ts';
import type { AttemptLogs, StepLog } from '../../core/attempts/ports.ts';
import { crashPoint } from '../../core/crash-points.ts';
import type { TaskId } from '../../core/ids.ts';

const FLUSH_CHARS = 65_536;
/** What one file may hold besides the end of what was left out. */
const FILE_BYTES = 64 * 1_048_576;
const TAIL_CHARS = 65_536;

/**
 * Keeps each step's output under `<dir>/<task>/<attempt>-<step>`: `.jsonl` holds the raw lines of both streams as
 * `{"stream","text"}`, `.log` the text for people. Files are made at the first line, private to the user. A file that
 * has grown to 64 MiB gets only the end of what comes after, behind a line that says how much is left out. A disk
 * that refuses a write loses log lines, never work: the error is reported once through `onError`.
 */
export class FileAttemptLogs implements AttemptLogs {
  readonly #dir: string;
  readonly #onError: (error: Error) => void;
  readonly #fileBytes: number;

  constructor(dir: string, onError: (error: Error) => void, { fileBytes = FILE_BYTES } = {}) {
    this.#dir = dir;
    this.#onError = onError;
    this.#fileBytes = fileBytes;
  }

  open(step: { task: TaskId; attempt: number; step: number }): StepLog {
    const base = join(this.#dir, step.task, `${step.attempt}-${step.step}`);
    const shared = { bytes: this.#fileBytes, onError: this.#onError };
    const raw = new LazyFile(`${base}.jsonl`, {
      ...shared,
      leftOut: (bytes) => JSON.stringify({ stream: 'stderr', text: leftOut(bytes), leftOut: bytes }),
    });
    const text = new LazyFile(`${base}.log`, { ...shared, leftOut });
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

function leftOut(bytes: number): string {
  return `[${bytes} bytes are left out here: a log holds no more]`;
}

interface FileOptions {
  readonly bytes: number;
  /** The line that stands for what is left out. */
  readonly leftOut: (bytes: number) => string;
  readonly onError: (error: Error) => void;
}

/**
 * Appends with blocking writes of up to 64 KiB, once a turn of the event loop: the memory it holds is bounded by
 * what one turn produces, however fast the agent prints, and a reader follows it live.
 */
class LazyFile {
  readonly #path: string;
  readonly #options: FileOptions;
  #fd: number | undefined;
  #waiting = '';
  #scheduled: NodeJS.Immediate | undefined;
  #broken = false;
  #room: number;
  /** The end of what found no room. */
  readonly #tail = new Tail(TAIL_CHARS);
  #leftOut = 0;

  constructor(path: string, options: FileOptions) {
    this.#path = path;
    this.#options = options;
    this.#room = options.bytes;
  }

  write(text: string): void {
    if (this.#broken) return;
    this.#waiting += text;
    if (this.#waiting.length >= FLUSH_CHARS) this.#flush();
    else this.#scheduled ??= setImmediate(() => this.#flush());
  }

  end(): void {
    this.#flush();
    if (this.#leftOut > 0) this.#append(this.#ending());
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const text = this.#waiting;
    this.#waiting = '';
    const bytes = Buffer.byteLength(text);
    if (this.#leftOut === 0 && bytes <= this.#room) {
      this.#room -= bytes;
      this.#append(text);
    } else {
      this.#leftOut += bytes;
      this.#tail.add(text.slice(0, -1));
    }
  }

  /** What stands for all that found no room: how much it is, and its last whole lines. */
  #ending(): string {
    const tail = `${this.#tail}\n`;
    const kept = Buffer.byteLength(tail) < this.#leftOut ? tail.slice(tail.indexOf('\n') + 1) : tail;
    return `${this.#options.leftOut(this.#leftOut - Buffer.byteLength(kept))}\n${kept}`;
  }

  #append(text: string): void {
    if (text === '' || this.#broken) return;
    try {
      this.#fd ??= this.#open();
      writeFileSync(this.#fd, text);
      crashPoint('transcript.written');
    } catch (error) {
      this.#broken = true;
      this.#options.onError(error as Error);
    }
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    return openSync(this.#path, 'a', 0o600);
  }
}
