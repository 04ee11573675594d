import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Room for the ends of many attempts, and for what people do meanwhile. */
const BALLAST_BYTES = 1_048_576;
/** The ballast is made again when it and as much besides fits. */
const ROOM_BYTES = 2 * BALLAST_BYTES;
/** How often a full disk is looked at. */
const LOOK_MS = 1_000;

/** What a store can still write when its disk is full. */
export interface Room {
  /** True from the first time that the disk was full until there is room again: only what ends work may be written. */
  isShort(): boolean;
  /** The disk is full. True when there is room again for a little, and what failed may be tried again. */
  spend(): boolean;
}

/** Where somebody else looks after the disk. */
export const noRoom: Room = { isShort: () => false, spend: () => false };

/**
 * A file that takes up room on the disk of a database only to be removed when that is full: SQLite needs room to write
 * even that something was stopped. Any number of processes share it.
 */
export class Ballast implements Room {
  readonly #path: string;
  readonly #now: () => number;
  #isShort = false;
  #lookedAt = Number.NEGATIVE_INFINITY;

  readonly #onRoom: () => void;

  /** `now`: milliseconds that never go back. `onRoom` is called when there is room again. */
  constructor(path: string, { now, onRoom }: { now: () => number; onRoom: () => void }) {
    this.#path = path;
    this.#now = now;
    this.#onRoom = onRoom;
    if (!this.#isThere()) this.#isShort = !this.#make();
  }

  isShort(): boolean {
    if (!this.#isShort || this.#now() - this.#lookedAt < LOOK_MS) return this.#isShort;
    this.#lookedAt = this.#now();
    if (!this.#isThere() && (freeBytes(this.#path) < ROOM_BYTES || !this.#make())) return true;
    this.#isShort = false;
    this.#onRoom();
    return false;
  }

  spend(): boolean {
    const isThere = this.#isThere();
    // Another process may just have spent it for both.
    const helps = isThere || !this.#isShort;
    this.#isShort = true;
    this.#lookedAt = this.#now();
    if (isThere) rmSync(this.#path, { force: true });
    return helps;
  }

  #isThere(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.size === BALLAST_BYTES;
  }

  /** False when there is no room for it. */
  #make(): boolean {
    try {
      const file = openSync(this.#path, 'w', 0o600);
      try {
        // Nothing that a file system could keep without room for it, such as a hole or what can be compressed.
        writeSync(file, randomBytes(BALLAST_BYTES));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      if (this.#isThere()) return true;
    } catch {
      // Whatever keeps it from being made, the database meets it as well, and says so.
    }
    rmSync(this.#path, { force: true });
    return false;
  }
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
}
