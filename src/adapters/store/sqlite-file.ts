import { closeSync, copyFileSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { CodewalkError } from '../../core/errors.ts';
import type { Head } from './chain.ts';
import { lostEvents } from './lost-events.ts';

// https://sqlite.org/fileformat2.html#the_database_header
const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
const PAGE_SIZE_AT = 16;
const PAGES_AT = 28;

/**
 * Looks at the file before SQLite does, which takes an empty file for a new database and then throws the log of its
 * last commits (-wal) away. `seen` is what this host knows to be in it.
 */
export function inspectFile(file: string, seen: Head | undefined): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined || found.size === 0) {
    if (seen === undefined) return;
    const likely = found === undefined ? 'The file is gone.' : 'The file is empty.';
    throw lostEvents({ endsAt: 0, seen, missing: seen.seq }, file, likely);
  }
  // What is no file SQLite has its own words for.
  if (!found.isFile()) return;
  const header = readHeader(file);
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw damaged(file, 'its first page is overwritten');
  // Before its log is empty the file may rightly be shorter.
  if (walBytes(file) > 0) return;
  const pageSize = header.readUInt16BE(PAGE_SIZE_AT);
  const expected = (pageSize === 1 ? 65_536 : pageSize) * header.readUInt32BE(PAGES_AT);
  // Looked at last: it may have grown meanwhile.
  const bytes = statSync(file).size;
  if (bytes < expected) throw damaged(file, `it is cut off after ${bytes} of ${expected} bytes`);
}

/** Keeps the log of the last commits aside: SQLite takes what it can use into the file and deletes it. */
export function keepWal(file: string): void {
  const kept = `${file}-wal.kept`;
  if (walBytes(file) > 0 && !existsSync(kept)) copyFileSync(`${file}-wal`, kept);
}

export function damaged(file: string, how: string, cause?: unknown): CodewalkError {
  return new CodewalkError('STORE_CORRUPT', `${file} is damaged: ${how}`, {
    advice: 'See what is left with `cw db verify`, and bring a backup back with `cw db restore <file>`.',
    cause,
  });
}

function walBytes(file: string): number {
  return statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

function readHeader(file: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(descriptor);
  }
  return header;
}
