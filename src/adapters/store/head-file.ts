import { hash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  type FSWatcher,
  fstatSync,
  fsync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  watch,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CodewalkError, messageOf } from '../../core/errors.ts';
import type { Head } from './chain.ts';

/** Each record fills one of two slots; a power cut can tear the one that is being written, not the other. */
const SLOT_BYTES = 128;
const SLOTS = 2;
/** How much a power cut may take from what is known here; a killed process loses nothing of it. */
const FSYNC_EVERY_MS = 1_000;

const RECORD = /^(codewalk head 1 (\d{15}) ([0-9a-f]{64})) ([0-9a-f]{16}) *\n$/;

/**
 * The newest event that any process of this host has seen committed, kept outside of the database: a database that
 * lost its newest commits is whole in itself and cannot say so. Any number of processes write it.
 */
export class HeadFile implements Disposable {
  readonly path: string;
  readonly #buffer = Buffer.alloc(SLOT_BYTES);
  #file: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The last event that this process took note of. */
  #noted = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** `damaged`: there is a file, but no record in it can be read. Absent: nothing was ever written. */
  read(): Head | 'damaged' | undefined {
    if (this.#file === undefined && !existsSync(this.path)) return undefined;
    const file = this.#open();
    if (fstatSync(file).size === 0) return undefined;
    let newest: Head | undefined;
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const known = this.#readSlot(file, slot);
      if (known !== undefined && known.seq >= (newest?.seq ?? 0)) newest = known;
    }
    return newest ?? 'damaged';
  }

  /** Takes note of a commit. It must be durable already, so that the file is never ahead of the database. */
  note(head: Head): void {
    const file = this.#open();
    const slot = head.seq % SLOTS;
    const known = this.#readSlot(file, slot);
    // Another process was faster with a later commit.
    if (known !== undefined && known.seq > head.seq) return;
    writeSync(file, asRecord(head), 0, SLOT_BYTES, slot * SLOT_BYTES);
    this.#noted = head.seq;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // What cannot be made durable here is still in the database.
      if (this.#file !== undefined) fsync(this.#file, () => {});
    }, FSYNC_EVERY_MS).unref();
  }

  /**
   * Calls `listener` as soon as another process has committed: it takes note of that here. What the system does not
   * tell is not heard. The returned function ends it.
   */
  watch(listener: () => void): () => void {
    let seen = this.#newest();
    const look = () => {
      const newest = this.#newest();
      if (newest === seen || newest === this.#noted) return;
      seen = newest;
      listener();
    };
    let watcher: FSWatcher | undefined;
    try {
      this.#open();
      watcher = watch(this.path, { persistent: false }, look);
      watcher.on('error', () => watcher?.close());
    } catch {
      // Whoever listens looks by itself from time to time.
    }
    return () => watcher?.close();
  }

  /** Number of the newest event known here, 0 when that cannot be read. */
  #newest(): number {
    try {
      const known = this.read();
      return known === undefined || known === 'damaged' ? 0 : known.seq;
    } catch {
      return 0;
    }
  }

  /** Makes `head` the only record, also when it is an earlier one than before. */
  replace(head: Head): void {
    const file = this.#open();
    for (let slot = 0; slot < SLOTS; slot += 1) {
      writeSync(file, asRecord(head), 0, SLOT_BYTES, slot * SLOT_BYTES);
    }
    fsyncSync(file);
  }

  [Symbol.dispose](): void {
    if (this.#file === undefined) return;
    if (this.#timer !== undefined) fsyncSync(this.#file);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): number {
    try {
      // A database on a server brings no directory of its own.
      if (this.#file === undefined) mkdirSync(dirname(this.path), { recursive: true });
      // For appending it could not write in the middle; with "w+" it would be emptied.
      this.#file ??= existsSync(this.path) ? openSync(this.path, 'r+') : openSync(this.path, 'wx+', 0o600);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return this.#open();
      throw new CodewalkError('STORE_UNWRITABLE', `Cannot open ${this.path}: ${messageOf(error)}`, {
        advice: 'Make the file and its directory writable for you.',
        cause: error,
      });
    }
    return this.#file;
  }

  #readSlot(file: number, slot: number): Head | undefined {
    const bytes = readSync(file, this.#buffer, 0, SLOT_BYTES, slot * SLOT_BYTES);
    const found = RECORD.exec(this.#buffer.toString('latin1', 0, bytes));
    const [, text, seq, digest, check] = found ?? [];
    if (text === undefined || digest === undefined || check !== checksum(text)) return undefined;
    return { seq: Number(seq), hash: digest };
  }
}

function asRecord({ seq, hash: digest }: Head): Buffer {
  const text = `codewalk head 1 ${String(seq).padStart(15, '0')} ${digest}`;
  return Buffer.from(`${`${text} ${checksum(text)}`.padEnd(SLOT_BYTES - 1)}\n`, 'latin1');
}

function checksum(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16);
}
