import type { SQLInputValue } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteDialect,
} from 'kysely';
import { noRoom } from '../src/adapters/store/ballast.ts';
import type { Direct, Engine, Fault, OpenWrite } from '../src/adapters/store/engine.ts';
import type { Pace } from '../src/adapters/store/pace.ts';
import { newPatience } from '../src/adapters/store/retried.ts';
import type { Tables } from '../src/adapters/store/tables.ts';
import type { Database } from './database.ts';
import type { Machine } from './machine.ts';

/** The connection to the database broke: what was asked may have been done or not. */
class BrokenConnection extends Error {}

/** Somebody else holds the database for a moment. */
class Busy extends Error {}

/** How often things go wrong between a process and its database while faults are on. */
export interface ConnectionFaults {
  readonly busy: number;
  /** The connection breaks before the request arrives. */
  readonly lostRequest: number;
  /** It breaks after the work was done. */
  readonly lostAnswer: number;
}

/**
 * One process's connections to the simulated database. Each request and each answer is a step of the world; what the
 * database does in between happens as a whole. Requests and answers may be lost, late, or go unanswered for long.
 */
export class SimEngine implements Engine {
  readonly kind = 'sqlite';
  readonly location = 'the simulated database';
  readonly place = 'the simulated database';
  readonly pace: Pace;
  readonly patience = newPatience();
  readonly db: Kysely<Tables>;
  readonly direct: Direct;
  readonly wire = undefined;
  readonly room = noRoom;
  readonly #writing: Kysely<Tables>;
  readonly #database: Database;
  readonly #machine: Machine;
  readonly #faults: () => ConnectionFaults;
  readonly #isInstant: boolean;

  /** `isInstant`: for whoever looks at the database from outside of the world; it does not pass through its time. */
  constructor(options: {
    database: Database;
    machine: Machine;
    faults: () => ConnectionFaults;
    isInstant?: boolean;
  }) {
    const { database, machine } = options;
    this.#database = database;
    this.#machine = machine;
    this.#faults = options.faults;
    this.#isInstant = options.isInstant ?? false;
    this.pace = {
      now: () => machine.monotonic,
      random: () => machine.chance.random(),
      sleep: (ms) => machine.gate('the store pauses', ms),
      turn: () => machine.gate('the store yields', 0),
    };
    const execute = (query: CompiledQuery) => executeOn(database, query.sql, query.parameters);
    this.#writing = kyselyOn(async (query) => resultOf(execute(query)));
    this.db = kyselyOn((query) => this.#roundTrip('read', async () => resultOf(execute(query))));
    this.direct = {
      // Reads take the way through `db`, where each is a request; a transaction is one as a whole.
      isBusy: true,
      execute: (text, parameters) => executeOn(database, text, parameters),
    };
  }

  async write(_project: string, work: (tx: OpenWrite) => Promise<void>): Promise<void> {
    await this.#request('write');
    const { raw } = this.#database;
    const transaction = this.#database.nextTransaction();
    raw.exec('begin immediate');
    try {
      const { direct } = this;
      const name = Promise.resolve(transaction);
      await work({ db: this.#writing, direct, wire: undefined, name, posted: [] });
      raw.exec('commit');
    } catch (error) {
      if (raw.isTransaction) raw.exec('rollback');
      throw error;
    }
    await this.#answer('write', () => this.#database.committedUnheard.add(transaction));
  }

  async lockSchema(): Promise<void> {}

  async hasTable(name: string): Promise<boolean> {
    const found = this.#database.raw
      .prepare("select 1 from sqlite_master where type = 'table' and name = ?")
      .get(name);
    return found !== undefined;
  }

  judge(error: unknown): Fault {
    if (error instanceof Busy) return { kind: 'again' };
    if (error instanceof BrokenConnection) return { kind: 'disconnected' };
    return { kind: 'final', error };
  }

  async fateOf(transaction: string): Promise<'committed' | 'undone' | 'open'> {
    return await this.#roundTrip('fate', async () => {
      if (this.#machine.chance.happens(0.1)) return 'open';
      return this.#database.committedUnheard.delete(transaction) ? 'committed' : 'undone';
    });
  }

  async snapshot(work: (db: Kysely<Tables>) => Promise<void>): Promise<void> {
    await this.#roundTrip('snapshot', () => work(this.#writing));
  }

  async findDamage(): Promise<string | undefined> {
    const rows = this.#database.raw.prepare('pragma quick_check(1)').all();
    const [found] = rows.map((row) => String(row['quick_check']));
    return found === 'ok' ? undefined : found;
  }

  announce(): void {
    this.#database.announce(this);
  }

  watch(_project: string, listener: () => void): () => void {
    const machine = this.#machine;
    return this.#database.watch({
      owner: this,
      call: () => {
        // A notice may be lost: whoever listens also looks by itself from time to time.
        if (machine.link !== 'up' || machine.chance.happens(this.#faults().lostAnswer)) return;
        machine.after(machine.chance.below(50), 'hears of a change', listener);
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #roundTrip<T>(what: string, work: () => Promise<T>): Promise<T> {
    await this.#request(what);
    const result = await work();
    await this.#answer(what);
    return result;
  }

  async #request(what: string): Promise<void> {
    if (what === 'write') this.#database.writes += 1;
    else this.#database.reads += 1;
    await this.#travel(`${what} asked`);
    const { chance } = this.#machine;
    const { busy, lostRequest } = this.#faults();
    if (chance.happens(busy)) throw new Busy('busy');
    if (chance.happens(lostRequest)) throw new BrokenConnection('the request was lost');
  }

  async #answer(what: string, unheard: () => unknown = () => {}): Promise<void> {
    const isLost = this.#machine.chance.happens(this.#faults().lostAnswer);
    try {
      await this.#travel(`${what} answered`);
    } catch (error) {
      unheard();
      throw error;
    }
    if (!isLost) return;
    unheard();
    throw new BrokenConnection('the answer was lost');
  }

  async #travel(what: string): Promise<void> {
    if (this.#isInstant) return;
    const machine = this.#machine;
    const { chance } = machine;
    const { slowness } = this.#database;
    await machine.gate(what, chance.below(3) + (slowness === 0 ? 0 : chance.below(slowness)));
    if (machine.link === 'up') return;
    if (machine.link === 'refused') {
      await machine.gate('connection refused', chance.between(1, 500));
      throw new BrokenConnection('refused');
    }
    await machine.healed();
    if (chance.happens(0.5)) throw new BrokenConnection('reset after a long silence');
  }
}

function executeOn(
  { statements }: Database,
  text: string,
  parameters: readonly unknown[],
): { rows: unknown[]; changes: number } {
  const { reader, statement } = statements.get(text);
  const values = parameters as SQLInputValue[];
  if (reader) return { rows: statement.all(...values), changes: 0 };
  return { rows: [], changes: Number(statement.run(...values).changes) };
}

function resultOf({ rows, changes }: { rows: unknown[]; changes: number }): QueryResult<unknown> {
  return { rows, numAffectedRows: BigInt(changes) };
}

type Execute = (query: CompiledQuery) => Promise<QueryResult<unknown>>;

function kyselyOn(execute: Execute): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new SimDialect(execute) });
}

/** Any number of requests may be on their way at once, as with a pool of connections. */
class PoolAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class SimDialect extends SqliteDialect {
  readonly #execute: Execute;

  constructor(execute: Execute) {
    super({ database: async () => Promise.reject(new Error('The driver has the database')) });
    this.#execute = execute;
  }

  override createAdapter(): SqliteAdapter {
    return new PoolAdapter();
  }

  override createDriver(): Driver {
    return new SimDriver(this.#execute);
  }
}

class SimDriver implements Driver {
  readonly #execute: Execute;

  constructor(execute: Execute) {
    this.#execute = execute;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const execute = this.#execute;
    return {
      executeQuery: async <R>(query: CompiledQuery) => (await execute(query)) as QueryResult<R>,
      streamQuery: () => {
        throw new Error('Nothing streams here');
      },
    };
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}
