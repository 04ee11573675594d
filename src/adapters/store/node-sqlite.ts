import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';

/** Statements kept compiled; beyond it all are dropped and compiled again when needed. */
const KEPT_STATEMENTS = 500;

/** Kysely's SQLite dialect on Node's own SQLite. A transaction takes the write lock at its start. */
export class NodeSqliteDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;

  constructor(statements: KeptStatements) {
    const database = asKyselyDatabase(statements);
    super({ database });
    this.#database = database;
  }

  override createDriver(): Driver {
    return new ImmediateDriver({ database: this.#database });
  }
}

/** A deferred transaction would fail half-way, when it turns from reading to writing beside another writer. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(BEGIN_IMMEDIATE);
  }
}

const BEGIN_IMMEDIATE = CompiledQuery.raw('begin immediate');

interface KeptStatement {
  readonly statement: StatementSync;
  /** It returns rows. */
  readonly reader: boolean;
}

/** A connection with its compiled statements, by their text. */
export class KeptStatements {
  #db: DatabaseSync;
  readonly #kept = new Map<string, KeptStatement>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  get db(): DatabaseSync {
    return this.#db;
  }

  /** Goes on with another connection in the place of this one. */
  use(db: DatabaseSync): void {
    this.#db = db;
    this.#kept.clear();
  }

  get(text: string): KeptStatement {
    let entry = this.#kept.get(text);
    if (entry === undefined) {
      const statement = this.#db.prepare(text);
      entry = { statement, reader: statement.columns().length > 0 };
      if (this.#kept.size >= KEPT_STATEMENTS) this.#kept.clear();
      this.#kept.set(text, entry);
    }
    return entry;
  }
}

function asKyselyDatabase(statements: KeptStatements): SqliteDatabase {
  return {
    close: () => statements.db.close(),
    prepare(text) {
      const { reader, statement } = statements.get(text);
      return {
        reader,
        all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
        iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
      };
    },
  };
}
