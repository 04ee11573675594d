import { mkdirSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely } from 'kysely';
import { CodewalkError, messageOf } from '../../core/errors.ts';
import { Ballast, noRoom, type Room } from './ballast.ts';
import type { Direct, Engine, Fault, OpenWrite } from './engine.ts';
import { isNetworkFileSystem } from './network-file-system.ts';
import { KeptStatements, NodeSqliteDialect } from './node-sqlite.ts';
import { systemPace } from './pace.ts';
import { newPatience } from './retried.ts';
import { sqliteFault } from './sqlite-faults.ts';
import type { Tables } from './tables.ts';

/**
 * How long SQLite itself waits for a lock, which stops the whole process meanwhile. Short: the writer tries again
 * by itself, with jitter, and so no process starves.
 */
const LOCK_WAIT_MS = 5;
/** How long opening waits for other processes that open the same new file. */
const OPEN_WAIT_MS = 10_000;
/** How often another process's commits are looked for while somebody listens. */
const POLL_MS = 50;

/** Pages of the log of commits before it is used again, on a full disk. */
const SMALL_WAL_PAGES = 32;
/** SQLite's own choice. */
const USUAL_WAL_PAGES = 1_000;

/**
 * Opens the database file, and makes it and its directory when they are missing. `ballast`: the file that is removed
 * when the disk is full.
 */
export async function openSqlite(path: string, options: { ballast?: string } = {}): Promise<SqliteEngine> {
  const file = path === ':memory:' ? path : resolve(path);
  if (file !== ':memory:') prepareDirectory(file);
  const giveUpAt = performance.now() + OPEN_WAIT_MS;
  for (;;) {
    try {
      return new SqliteEngine(file, options);
    } catch (error) {
      const fault = sqliteFault(error, file);
      if (fault.kind !== 'again' || performance.now() > giveUpAt) {
        throw fault.kind === 'final' ? fault.error : error;
      }
      await sleep(1 + Math.random() * 10);
    }
  }
}

function prepareDirectory(file: string): void {
  const directory = dirname(file);
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new CodewalkError(
      'STORE_UNWRITABLE',
      `Cannot make the directory of the database, ${directory}: ${messageOf(error)}`,
      { advice: 'Make the directory writable for you, or choose another one.', cause: error },
    );
  }
  if (isNetworkFileSystem(statfsSync(directory).type)) {
    throw new CodewalkError('STORE_NETWORK_DISK', `${directory} is on a network file system`, {
      advice: 'SQLite loses data there. Use a local disk, or PostgreSQL: "database": "postgres://…".',
    });
  }
}

/** One connection to a SQLite file, for reading and writing. */
export class SqliteEngine implements Engine {
  readonly kind = 'sqlite';
  readonly pace = systemPace;
  readonly patience = newPatience();
  readonly location: string;
  readonly place: string;
  readonly db: Kysely<Tables>;
  readonly direct: Direct;
  readonly wire = undefined;
  readonly room: Room;
  readonly #file: string;
  readonly #statements: KeptStatements;
  readonly #readOnly: boolean;

  constructor(file: string, { readOnly = false, ballast }: { readOnly?: boolean; ballast?: string } = {}) {
    this.#file = file;
    this.#readOnly = readOnly;
    this.location = `sqlite:${file}`;
    this.place = file;
    this.#statements = new KeptStatements(connect(file, readOnly));
    this.room =
      ballast === undefined
        ? noRoom
        : new Ballast(ballast, {
            now: () => this.pace.now(),
            onRoom: () => this.#checkpointEvery(USUAL_WAL_PAGES),
          });
    this.db = new Kysely<Tables>({ dialect: new NodeSqliteDialect(this.#statements) });
    this.direct = directOn(this.#statements);
  }

  get #raw(): DatabaseSync {
    return this.#statements.db;
  }

  async write(_project: string, work: (tx: OpenWrite) => Promise<void>): Promise<void> {
    // The connection is held for the transaction, so that whoever comes through Kysely waits for its end.
    await this.db.connection().execute(async (connection) => {
      this.direct.execute('begin immediate', []);
      try {
        const name = Promise.resolve(undefined);
        await work({ db: connection, direct: this.direct, wire: undefined, name, posted: [] });
        this.direct.execute('commit', []);
      } catch (error) {
        this.#undo();
        throw error;
      }
    });
  }

  #undo(): void {
    try {
      // Some faults, such as a full disk, have undone it already.
      if (this.#raw.isTransaction) this.direct.execute('rollback', []);
    } catch {
      // The disk fails for this as well; the handle is given up, and the transaction with it.
    }
  }

  async lockSchema(): Promise<void> {}

  async hasTable(name: string): Promise<boolean> {
    const found = this.#raw
      .prepare("select 1 from sqlite_master where type = 'table' and name = ?")
      .get(name);
    return found !== undefined;
  }

  /** A handle that met an error of the disk is not to be trusted any more: another one takes its place. */
  judge(error: unknown): Fault {
    const fault = sqliteFault(error, this.#file);
    if (fault.kind === 'disconnected') this.#reopen();
    if (fault.kind === 'full') this.#checkpointEvery(SMALL_WAL_PAGES);
    return fault;
  }

  #reopen(): void {
    let fresh: DatabaseSync;
    try {
      fresh = connect(this.#file, this.#readOnly);
    } catch {
      // The next statement meets the same, and asks again.
      return;
    }
    const old = this.#raw;
    this.#statements.use(fresh);
    try {
      old.close();
    } catch {
      // What it could not write nobody was told of.
    }
  }

  /** The log of commits otherwise grows by megabytes before its room is used again. */
  #checkpointEvery(pages: number): void {
    try {
      this.#raw.exec(`pragma wal_autocheckpoint = ${pages}`);
    } catch {
      // Then it stays as it is.
    }
  }

  /** There is no connection that could break. */
  async fateOf(): Promise<'undone'> {
    return 'undone';
  }

  announce(): void {
    // Other processes see `data_version` move.
  }

  watch(_project: string, listener: () => void): () => void {
    const read = () => this.#statements.get('pragma data_version').statement.get()?.['data_version'];
    let seen = read();
    const timer = setInterval(() => {
      if (!this.#raw.isOpen) return clearInterval(timer);
      const now = read();
      if (now === seen) return;
      seen = now;
      listener();
    }, POLL_MS).unref();
    return () => clearInterval(timer);
  }

  async snapshot(work: (db: Kysely<Tables>) => Promise<void>): Promise<void> {
    await this.db.connection().execute(async (connection) => {
      this.direct.execute('begin', []);
      try {
        await work(connection);
      } finally {
        this.direct.execute('rollback', []);
      }
    });
  }

  /** Puts all that was committed into the file itself, which then needs no other files beside it. */
  becomeOneFile(): void {
    this.#raw.exec('pragma wal_checkpoint(truncate)');
    this.#raw.exec('pragma journal_mode = delete');
  }

  async findDamage(): Promise<string | undefined> {
    const rows = this.#raw.prepare('pragma quick_check(1)').all();
    const [found] = rows.map((row) => String(row['quick_check']));
    return found === 'ok' ? undefined : found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Kysely closes only what it has used.
    await this.db.destroy();
    if (this.#raw.isOpen) this.#raw.close();
  }
}

function connect(file: string, readOnly: boolean): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: LOCK_WAIT_MS, readOnly });
  if (readOnly) return db;
  try {
    db.exec('pragma journal_mode = wal');
    // A commit that was reported survives a power cut.
    db.exec('pragma synchronous = full');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function directOn(statements: KeptStatements): Direct {
  return {
    get isBusy() {
      return statements.db.isTransaction;
    },
    execute(text, parameters) {
      const { reader, statement } = statements.get(text);
      const values = parameters as SQLInputValue[];
      if (reader) return { rows: statement.all(...values), changes: 0 };
      return { rows: [], changes: Number(statement.run(...values).changes) };
    },
  };
}
