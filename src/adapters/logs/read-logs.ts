import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogFile, LogFiles, LogPiece } from '../../core/api/parts.ts';
import { UsageError } from '../../core/errors.ts';

const CHUNK_BYTES = 262_144;
const NEWLINE = 0x0a;
const NAME = /^(\d+)-(\d+)\.(jsonl|log)$/;

/** Reads what `FileAttemptLogs` writes. */
export class LogReader implements LogFiles {
  readonly #directory: () => Promise<string>;

  constructor(directory: () => Promise<string>) {
    this.#directory = directory;
  }

  async list(place: string): Promise<readonly LogFile[]> {
    const names = await readdir(join(await this.#directory(), place)).catch(() => []);
    return names
      .flatMap((name) => {
        const [, attempt, step, kind] = NAME.exec(name) ?? [];
        if (kind === undefined) return [];
        return [{ name, attempt: Number(attempt), step: Number(step), isRaw: kind === 'jsonl' }];
      })
      .toSorted((a, b) => a.attempt - b.attempt || a.step - b.step);
  }

  /** Throws `UsageError` `NO_LOGS` for a name that is none of `list`. */
  async read(
    { place, name }: { place: string; name: string },
    { from, isOver }: { from: number; isOver: boolean },
  ): Promise<LogPiece> {
    // Nothing but such a name goes into a path: it may come from another program.
    if (!NAME.test(name)) throw noSuchLog(name);
    const path = join(await this.#directory(), place, name);
    await using file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? noSuchLog(name) : error;
    });
    const buffer = Buffer.alloc(CHUNK_BYTES);
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, from);
    const chunk = buffer.subarray(0, bytesRead);
    const end = chunk.lastIndexOf(NEWLINE);
    // A line longer than the buffer, or an unfinished one that nobody will finish.
    const isWhole = end === -1 && bytesRead > 0 && (bytesRead === CHUNK_BYTES || isOver);
    const taken = isWhole ? bytesRead : end + 1;
    if (taken === 0) return { lines: [], next: from };
    const text = chunk.toString('utf8', 0, isWhole ? taken : end);
    return { lines: text.split('\n'), next: from + taken };
  }
}

function noSuchLog(name: string): UsageError {
  return new UsageError('NO_LOGS', `there is no log "${name}"`, {
    advice: 'cw task logs shows what there is',
  });
}
