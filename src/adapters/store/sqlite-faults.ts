import { CodewalkError } from '../../core/errors.ts';
import type { Fault } from './engine.ts';

// Primary result codes of SQLite, https://sqlite.org/rescode.html
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** What an error of node:sqlite means. Extended codes keep the primary one in their low byte. */
export function sqliteFault(error: unknown, file: string): Fault {
  const code = resultCode(error);
  if (code === BUSY || code === LOCKED) return { kind: 'again' };
  if (code === FULL) return { kind: 'full', error: full(file, error) };
  if (code === IOERR) return { kind: 'disconnected', error: failing(file, error) };
  return { kind: 'final', error: readable(error, code, file) };
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

function readable(error: unknown, code: number | undefined, file: string): unknown {
  switch (code) {
    case READONLY:
    case CANTOPEN:
      return new CodewalkError('STORE_UNWRITABLE', `The database ${file} cannot be written`, {
        advice: 'Make the file and its directory writable for you, or choose another place.',
        cause: error,
      });
    case NOTADB:
    case CORRUPT:
      return new CodewalkError('STORE_CORRUPT', `${file} is damaged or not a database of Codewalk`, {
        advice: 'See what is left with `cw db verify`, and bring a backup back with `cw db restore <file>`.',
        cause: error,
      });
    default:
      return error;
  }
}

function full(file: string, cause: unknown): CodewalkError {
  return new CodewalkError('STORE_FULL', `No space left on the disk of ${file}`, {
    advice: 'Free some space; nothing that was reported as done is lost.',
    cause,
  });
}

function failing(file: string, cause: unknown): CodewalkError {
  return new CodewalkError('STORE_IO', `The disk of ${file} reported an error`, {
    advice: 'Check the disk (dmesg), then start again; `cw db verify` says whether the state is whole.',
    cause,
  });
}
