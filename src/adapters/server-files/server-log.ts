import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { CodewalkError } from '../../core/errors.ts';

/** A log that has grown to this is put aside; the one before it is gone then. */
const MOST_BYTES = 5_242_880;
/** More than that at once is for a pager. */
const MOST_READ_BYTES = 1_048_576;
const NEWLINE = 0x0a;

export function logPath(directory: string): string {
  return join(directory, 'server.log');
}

/** Opens the log for a process that is started with it as its output. */
export function openLog(directory: string): number {
  return openSync(logPath(directory), 'a', 0o600);
}

/**
 * Puts the log aside when it is long, as `server.log.1`. Whoever has it open writes on at the end of what is left,
 * which is nothing: hence the copy in the place of a new name. Lines that come in between are lost.
 */
export function rotateLog(directory: string, mostBytes: number = MOST_BYTES): void {
  const path = logPath(directory);
  const file = openSync(path, 'r+');
  try {
    if (fstatSync(file).size < mostBytes) return;
    copyFileSync(path, `${path}.1`);
    ftruncateSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Whole lines from byte `from` on, and where to go on. Without `from`, and when the log was put aside meanwhile, the
 * last of them. Throws `CodewalkError` `NO_SERVER_LOG`.
 */
export function readLog(
  directory: string,
  from?: number,
): { readonly lines: readonly string[]; readonly next: number } {
  const path = logPath(directory);
  if (!existsSync(path)) {
    throw new CodewalkError('NO_SERVER_LOG', `there is no log of a server: ${path}`, {
      advice: 'One that was started with --foreground writes to its own output.',
    });
  }
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const tail = Math.max(0, size - MOST_READ_BYTES);
    const start = from === undefined || from > size ? tail : Math.max(from, tail);
    const buffer = Buffer.alloc(size - start);
    const bytes = buffer.subarray(0, readSync(file, buffer, 0, buffer.length, start));
    const end = bytes.lastIndexOf(NEWLINE);
    if (end === -1) return { lines: [], next: start };
    return { lines: bytes.toString('utf8', 0, end).split('\n'), next: start + end + 1 };
  } finally {
    closeSync(file);
  }
}

/** Does the output of this process go into that log? Else somebody looks at it, or another program keeps it. */
export function isLogged(directory: string): boolean {
  try {
    const [output, log] = [fstatSync(1), statSync(logPath(directory))];
    return output.dev === log.dev && output.ino === log.ino;
  } catch {
    return false;
  }
}
