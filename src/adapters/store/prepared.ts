import { type Compilable, type CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely';
import type { TaskState } from '../../core/tasks/states.ts';
import type { EngineKind } from './engine.ts';
import type { Session, Write } from './session.ts';
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

interface Compiled {
  readonly query: CompiledQuery;
  /** Its parameters in order: fixed values, and holes to be filled. */
  readonly slots: readonly (Hole | Value)[];
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
  readonly #compiled = new Map<EngineKind, Compiled>();

  constructor(build: (db: Kysely<Tables>, values: V, context: QueryContext) => Compilable<R>) {
    this.#build = build;
  }

  async all(session: Session, values: V): Promise<R[]> {
    const { query, slots } = this.#compile(session);
    return (await execute(session, query, bind(query, slots, session, values))).rows as R[];
  }

  async first(session: Session, values: V): Promise<R | undefined> {
    return (await this.all(session, values))[0];
  }

  /** For queries that return no rows: how many they changed. */
  async run(session: Session, values: V): Promise<number> {
    const { query, slots } = this.#compile(session);
    return (await execute(session, query, bind(query, slots, session, values))).changes;
  }

  /** For writes whose outcome nobody looks at: part of the transaction like every other, but not waited for. */
  post(tx: Write, values: V): void {
    const { query, slots } = this.#compile(tx);
    post(tx, query, bind(query, slots, tx, values));
  }

  /** Like `post`, with its rows, for those that can wait for the commit. */
  async postAll(tx: Write, values: V): Promise<R[]> {
    const rows = listened(this.all(tx, values));
    tx.posted.push(rows);
    return await rows;
  }

  #compile({ db, kind }: Session): Compiled {
    let compiled = this.#compiled.get(kind);
    if (compiled === undefined) {
      const context = { project: new Hole('project') as unknown as string, now: nowOf(kind), kind };
      const query = this.#build(db, HOLES as V, context).compile();
      compiled = { query, slots: query.parameters.map((slot) => slot as Hole | Value) };
      this.#compiled.set(kind, compiled);
    }
    return compiled;
  }
}

function bind(query: CompiledQuery, slots: readonly (Hole | Value)[], session: Session, values: object) {
  return slots.map((slot) => {
    if (!(slot instanceof Hole)) return slot;
    if (slot.name === 'project') return session.project;
    const value = (values as Record<string, Value | undefined>)[slot.name];
    if (value === undefined) throw new Error(`No value for ${slot.name} in: ${query.sql}`);
    return value;
  });
}

/** The rows of a query that is built anew for every call, by the same short way as those of a prepared one. */
export async function rowsOf<R>(session: Session, query: Compilable<R>): Promise<R[]> {
  return (await execute(session, query.compile())).rows as R[];
}

/** Runs a compiled query: at once where the engine can, unless a transaction of others is open on its connection. */
async function execute(
  { db, direct, wire, isTransaction }: Session,
  query: CompiledQuery,
  parameters: readonly unknown[] = query.parameters,
): Promise<{ rows: unknown[]; changes: number }> {
  if (direct !== undefined && (isTransaction || !direct.isBusy)) return direct.execute(query.sql, parameters);
  if (wire !== undefined) return await wire.execute(query.sql, parameters);
  const { rows, numAffectedRows } = await db.executeQuery({ ...query, parameters });
  return { rows, changes: Number(numAffectedRows ?? 0) };
}

/** An answer that may come to nobody, when another one that was asked for with it fails first. */
export function listened<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => {});
  return answer;
}

/** Sends a statement of a transaction on its way; the commit waits for it. */
function post(
  { direct, wire, posted }: Write,
  query: CompiledQuery,
  parameters: readonly unknown[] = query.parameters,
): void {
  if (direct !== undefined) {
    direct.execute(query.sql, parameters);
    return;
  }
  if (wire === undefined) throw new Error('The engine has no way to run a statement');
  // Whoever commits is told.
  posted.push(listened(wire.execute(query.sql, parameters)));
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

/** The holes `id0`, `id1`, … of a sized query, as the list for its `in`. */
export function listed(values: Readonly<Record<`id${number}`, string>>, size: number): string[] {
  return Array.from({ length: size }, (_, index) => values[`id${index}`] as string);
}

/** The values that fill what `listed` made. */
export function byIndex(ids: readonly string[]): Record<`id${number}`, string> {
  return Object.fromEntries(ids.map((id, index) => [`id${index}`, id]));
}
