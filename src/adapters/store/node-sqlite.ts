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

  constructor(db: DatabaseSync) {
    const database = asKyselyDatabase(db);
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

function asKyselyDatabase(db: DatabaseSync): SqliteDatabase {
  const kept = new Map<string, { reader: boolean; statement: StatementSync }>();
  return {
    close: () => db.close(),
    prepare(text) {
      let entry = kept.get(text);
      if (entry === undefined) {
        const statement = db.prepare(text);
        entry = { statement, reader: statement.columns().length > 0 };
        if (kept.size >= KEPT_STATEMENTS) kept.clear();
        kept.set(text, entry);
      }
      const { reader, statement } = entry;
      return {
        reader,
        all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
        iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
      };
    },
  };
}
