import { type Compilable, type CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely';
import type { TaskState } from '../../core/tasks/states.ts';
import type { EngineKind } from './engine.ts';
import type { Session } from './session.ts';
import type { Tables } from './tables.ts';

type Value = string | number | null;

/** What a prepared query may use besides its own values. */
export interface QueryContext {
  /** The session's project. */
  readonly project: string;
  /** The database's clock, epoch ms. */
  readonly now: RawBuilder<number>;
  readonly kind: EngineKind;
}

/** Stands where a value goes when the query runs. */
class Hole {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** The object whose every property is the hole of that name. */
const HOLES = new Proxy({}, { get: (_target, name) => new Hole(String(name)) });

const NOW = {
  sqlite: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  postgres: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
} as const satisfies Record<EngineKind, RawBuilder<number>>;

/** The database's clock, epoch ms. */
export function nowOf(kind: EngineKind): RawBuilder<number> {
  return NOW[kind];
}

/**
 * The column as an expression that no index serves: rows are found by their key and then compared. Without
 * statistics SQLite takes an index on the state for the better one, and walks every pending task.
 */
export function byKeyFirst(column: 'state'): RawBuilder<TaskState> {
  return sql<TaskState>`coalesce(${sql.ref(column)}, '')`;
}

/**
 * A typed query that is compiled once an engine: building and compiling cost more than running it. Inside `build`
 * the values are place-holders, so it may pass them on but never look at them.
 */
export class Prepared<V extends object, R> {
  readonly #build: (db: Kysely<Tables>, values: V, context: QueryContext) => Compilable<R>;
  readonly #compiled = new Map<EngineKind, CompiledQuery<R>>();

  constructor(build: (db: Kysely<Tables>, values: V, context: QueryContext) => Compilable<R>) {
    this.#build = build;
  }

  async all(session: Session, values: V): Promise<R[]> {
    return (await session.db.executeQuery(this.#bind(session, values))).rows;
  }

  async first(session: Session, values: V): Promise<R | undefined> {
    return (await this.all(session, values))[0];
  }

  /** For queries that return no rows: how many they changed. */
  async run(session: Session, values: V): Promise<number> {
    const { numAffectedRows } = await session.db.executeQuery(this.#bind(session, values));
    return Number(numAffectedRows ?? 0);
  }

  #bind(session: Session, values: V): CompiledQuery<R> {
    const compiled = this.#compile(session);
    const parameters = compiled.parameters.map((parameter) => {
      if (!(parameter instanceof Hole)) return parameter;
      if (parameter.name === 'project') return session.project;
      const value = (values as Record<string, Value | undefined>)[parameter.name];
      if (value === undefined) throw new Error(`No value for ${parameter.name} in: ${compiled.sql}`);
      return value;
    });
    return { ...compiled, parameters };
  }

  #compile({ db, kind }: Session): CompiledQuery<R> {
    let compiled = this.#compiled.get(kind);
    if (compiled === undefined) {
      const context = { project: new Hole('project') as unknown as string, now: nowOf(kind), kind };
      compiled = this.#build(db, HOLES as V, context).compile() as CompiledQuery<R>;
      this.#compiled.set(kind, compiled);
    }
    return compiled;
  }
}

/** Declares a prepared query; the type of `values` says what must be given to run it. */
export function prepared<V extends object, R>(
  build: (db: Kysely<Tables>, values: V, context: QueryContext) => Compilable<R>,
): Prepared<V, R> {
  return new Prepared(build);
}

/** Prepared queries that differ only in how many rows or ids they take; made when first needed. */
export function sized<V extends object, R>(
  make: (size: number) => Prepared<V, R>,
): (size: number) => Prepared<V, R> {
  const made = new Map<number, Prepared<V, R>>();
  return (size) => {
    let query = made.get(size);
    if (query === undefined) {
      query = make(size);
      made.set(size, query);
    }
    return query;
  };
}
