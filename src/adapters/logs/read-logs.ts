import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogFile, LogFiles, LogPiece } from '../../core/api/parts.ts';
import { UsageError } from '../../core/errors.ts';

const CHUNK_BYTES = 262_144;
const BACK_BYTES = 131_072;
const NEWLINE = 0x0a;
const NAME = /^(\d+)-(\d+)\.(jsonl|log)$/;

/**
 * Reads what `FileAttemptLogs` writes. Pieces are read with blocking calls: they are small, mostly written just now and
 * so in memory, and who watches sixteen agents asks for two hundred of them a second; on threads each of them costs
 * many times as much.
 */
export class LogReader implements LogFiles {
  readonly #directory: () => Promise<string>;
  /** Holds one piece while it is read, with a byte more before it. */
  readonly #buffer = Buffer.alloc(CHUNK_BYTES);

  constructor(directory: () => Promise<string>) {
    this.#directory = directory;
  }

  async list(place: string): Promise<readonly LogFile[]> {
    const directory = join(await this.#directory(), place);
    const names = await readdir(directory).catch(() => []);
    const files = await Promise.all(
      names.map(async (name) => {
        const [, attempt, step, kind] = NAME.exec(name) ?? [];
        if (kind === undefined) return [];
        const bytes = (await stat(join(directory, name)).catch(() => undefined))?.size;
        if (bytes === undefined) return [];
        return [{ name, attempt: Number(attempt), step: Number(step), isRaw: kind === 'jsonl', bytes }];
      }),
    );
    return files.flat().toSorted((a, b) => a.attempt - b.attempt || a.step - b.step);
  }

  /** Throws `UsageError` `NO_LOGS` for a name that is none of `list`. */
  async read(
    { place, name }: { place: string; name: string },
    { from, isOver }: { from: number; isOver: boolean },
  ): Promise<LogPiece> {
    using file = await this.#open(place, name);
    const bytesRead = readSync(file.fd, this.#buffer, 0, CHUNK_BYTES, from);
    const chunk = this.#buffer.subarray(0, bytesRead);
    const end = chunk.lastIndexOf(NEWLINE);
    // A line longer than the buffer, or an unfinished one that nobody will finish.
    const isWhole = end === -1 && bytesRead > 0 && (bytesRead === CHUNK_BYTES || isOver);
    const taken = isWhole ? bytesRead : end + 1;
    if (taken === 0) return { lines: [], next: from };
    const text = chunk.toString('utf8', 0, isWhole ? taken : end);
    return { lines: text.split('\n'), next: from + taken };
  }

  /** Throws `UsageError` `NO_LOGS` for a name that is none of `list`. */
  async readBefore(
    { place, name }: { place: string; name: string },
    before: number,
  ): Promise<LogPiece & { readonly first: number }> {
    using file = await this.#open(place, name);
    const from = Math.max(0, before - BACK_BYTES);
    // One byte more tells whether a line begins there.
    const start = Math.max(0, from - 1);
    const bytesRead = readSync(file.fd, this.#buffer, 0, before - start, start);
    const chunk = this.#buffer.subarray(0, bytesRead);
    const newline = chunk.lastIndexOf(NEWLINE);
    const begin = from === 0 ? 0 : chunk.indexOf(NEWLINE) + 1;
    // The rest of that line is known already; at the end of the file it is not written yet.
    const isKnown = before < fstatSync(file.fd).size;
    const end = isKnown && newline < bytesRead - 1 ? bytesRead : newline;
    const next = start + Math.min(end + 1, bytesRead);
    // Where no line begins, it is the middle of one long line.
    const isPiece = from > 0 && (newline === -1 || begin >= bytesRead);
    const first = isPiece ? from - start : begin;
    if (end < first) return { lines: [], first: before, next: before };
    return { lines: chunk.toString('utf8', first, end).split('\n'), first: start + first, next };
  }

  /** From here on nothing may be awaited: the buffer is shared. */
  async #open(place: string, name: string): Promise<OpenFile> {
    // Nothing but such a name goes into a path: it may come from another program.
    if (!NAME.test(name)) throw noSuchLog(name);
    return new OpenFile(join(await this.#directory(), place, name), name);
  }
}

class OpenFile implements Disposable {
  readonly fd: number;

  constructor(path: string, name: string) {
    try {
      this.fd = openSync(path, 'r');
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? noSuchLog(name) : error;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

function noSuchLog(name: string): UsageError {
  return new UsageError('NO_LOGS', `there is no log "${name}"`, {
    advice: 'cw task logs shows what there is',
  });
}
