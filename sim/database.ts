import { DatabaseSync } from 'node:sqlite';
import { KeptStatements } from '../src/adapters/store/node-sqlite.ts';
import type { WallClock } from './machine.ts';

/** The database server of a simulated world: SQLite in memory, whose clock is the world's. */
export class Database implements Disposable {
  readonly raw: DatabaseSync;
  readonly statements: KeptStatements;
  /** Transactions that were committed although nobody was told. */
  readonly committedUnheard = new Set<string>();
  readonly #watchers = new Set<Watcher>();
  /** Every answer takes this much longer, ms. */
  slowness = 0;
  /** Requests so far. */
  reads = 0;
  writes = 0;
  #transactions = 0;

  constructor(wall: WallClock) {
    this.raw = new DatabaseSync(':memory:');
    // The half guards against a value that is just below the whole number after two conversions.
    this.raw.function('unixepoch', { varargs: true }, () => (wall.now() + 0.5) / 1_000);
    this.statements = new KeptStatements(this.raw);
  }

  nextTransaction(): string {
    this.#transactions += 1;
    return `tx${this.#transactions}`;
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Tells all but the one that made it of a change. */
  announce(by: object): void {
    for (const watcher of this.#watchers) if (watcher.owner !== by) watcher.call();
  }

  [Symbol.dispose](): void {
    this.raw.close();
  }
}

export interface Watcher {
  readonly owner: object;
  readonly call: () => void;
}
