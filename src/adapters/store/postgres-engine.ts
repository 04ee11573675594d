import { Kysely, PostgresDialect, type PostgresQueryResult, sql } from 'kysely';
import pg from 'pg';
import { CodewalkError, messageOf, UsageError } from '../../core/errors.ts';
import { noRoom } from './ballast.ts';
import type { Engine, Fault, OpenWrite, Wire } from './engine.ts';
import { systemPace } from './pace.ts';
import { mayOpenLater, openAdvice, postgresFault } from './postgres-faults.ts';
import { ChannelListener } from './postgres-listener.ts';
import { NamedStatements } from './postgres-statements.ts';
import { newPatience, pauseMs } from './retried.ts';
import type { Tables } from './tables.ts';

/** One writes, the others read. */
const CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;
/** How long a transaction may wait for its own process, ms. */
const IDLE_LIMIT_MS = 3_000;
/** Names the lock of schema changes among all advisory locks of the database: "cw" and a number. */
const SCHEMA_LOCK = 0x6377_0001;
const INT8 = 20;
/**
 * Whoever is stopped in the middle of a transaction must not keep the others out: the server ends it then. Said with
 * the first statement, because a pooler refuses it when a client connects.
 */
const LOCK_PROJECT = `select pg_current_xact_id()::text as xid,
  set_config('idle_in_transaction_session_timeout', '${IDLE_LIMIT_MS}', true) as limited
  from stream where project_id = $1 for update`;

export interface PostgresLimits {
  /** A query that got no answer for so long has lost its connection, ms. */
  readonly queryMs: number;
  /** How long to ask again for a connection at a server that has none to give just now, ms. */
  readonly openMs: number;
}

const LIMITS: PostgresLimits = { queryMs: 30_000, openMs: 10_000 };

/** Connects once, so that a wrong address or password is an error at once, and so is a server that only reads. */
export async function openPostgres(url: string, limits: PostgresLimits = LIMITS): Promise<PostgresEngine> {
  const config = connectionConfig(url);
  const location = locationOf(url);
  const pool = new pg.Pool({ ...config, max: CONNECTIONS });
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on('error', () => {});
  try {
    const client = await firstClient(pool, limits.openMs);
    const { rows } = await client
      .query<{ reads: boolean }>(
        `select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as reads`,
      )
      .finally(() => client.release());
    if (rows[0]?.reads === true) throw onlyReads(location);
  } catch (error) {
    await pool.end();
    if (error instanceof CodewalkError) throw error;
    throw new CodewalkError('STORE_UNREACHABLE', `Cannot connect to ${location}: ${messageOf(error)}`, {
      advice: openAdvice(error),
      cause: error,
    });
  }
  return new PostgresEngine(pool, { config, location, limits });
}

async function firstClient(pool: pg.Pool, openMs: number): Promise<pg.PoolClient> {
  const { now, sleep, random } = systemPace;
  const since = now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await pool.connect();
    } catch (error) {
      if (!mayOpenLater(error) || now() - since > openMs) throw error;
      await sleep(pauseMs({ kind: 'disconnected' }, attempt, random()));
    }
  }
}

function onlyReads(location: string): CodewalkError {
  return new CodewalkError(
    'STORE_READ_ONLY',
    `${location} takes no writes: it is a standby, or set to read only`,
    {
      advice: 'Name the primary in "database".',
    },
  );
}

function connectionConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'codewalk',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    // The listener asks nothing: only this shows that the other end is gone.
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    pipeline: true,
    types: {
      // Counts and times fit into a double; without this they would come as text.
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  };
}

/** Host, port and database: what may be shown. */
function locationOf(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) {
    throw new UsageError('BAD_DATABASE', 'The address of the PostgreSQL database is not a URL', {
      advice: 'Write it as postgres://user:password@host:5432/name; special characters as %XX.',
    });
  }
  return `postgres://${parsed.host}${parsed.pathname}`;
}

/** A pool of connections to one PostgreSQL database. */
export class PostgresEngine implements Engine {
  readonly kind = 'postgres';
  readonly room = noRoom;
  readonly pace = systemPace;
  readonly patience = newPatience();
  readonly location: string;
  readonly place: string;
  readonly db: Kysely<Tables>;
  readonly direct = undefined;
  readonly wire: Wire;
  readonly #pool: pg.Pool;
  readonly #config: pg.ClientConfig;
  readonly #announcing = new Set<string>();
  readonly #statements: NamedStatements;
  /** Kysely on one connection each, for queries of a transaction that are built anew every time. */
  readonly #single = new WeakMap<object, Kysely<Tables>>();
  #listener: ChannelListener | undefined;

  constructor(
    pool: pg.Pool,
    { config, location, limits }: { config: pg.ClientConfig; location: string; limits: PostgresLimits },
  ) {
    this.#pool = pool;
    this.#config = config;
    this.location = location;
    this.place = location;
    this.#statements = new NamedStatements(pool, limits.queryMs);
    this.db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: this.#statements }) });
    this.wire = wireOf(async (text, parameters) => {
      const client = await this.#statements.connect();
      try {
        return await client.query(text, parameters);
      } finally {
        client.release();
      }
    });
  }

  /**
   * One row a project: its lock gives writers the order that SQLite's single writer has, so that both engines
   * show the same behaviour, and no two transactions can dead-lock over tasks and gates. The first statements are
   * on their way to the server before the answer to the lock is.
   */
  async write(project: string, work: (tx: OpenWrite) => Promise<void>): Promise<void> {
    const { wire, db, release } = await this.#connection();
    const posted: Promise<unknown>[] = [];
    const send = (text: string, parameters: readonly unknown[] = []) => {
      const sent = wire.execute(text, parameters);
      sent.catch(() => {});
      posted.push(sent);
      return sent;
    };
    let isBroken = false;
    try {
      void send('begin');
      const name = send(LOCK_PROJECT, [project]).then(({ rows }) => {
        const row = rows[0] as { xid: string } | undefined;
        if (row === undefined) throw new Error(`Project ${project} has no stream`);
        return row.xid;
      });
      name.catch(() => {});
      await work({ db, direct: undefined, wire, name, posted });
      // Without its name nobody could tell later whether the commit was made.
      await name;
      const done = send('commit');
      await Promise.all(posted);
      await done;
    } catch (error) {
      const first = await firstFailure(posted);
      await wire.execute('rollback', []).catch(() => {
        isBroken = true;
      });
      throw first ?? error;
    } finally {
      release(isBroken);
    }
  }

  /** A connection of the pool to oneself. */
  async #connection() {
    const client = await this.#statements.connect();
    const wire = wireOf((text, parameters) => client.query(text, parameters));
    let db = this.#single.get(client);
    if (db === undefined) {
      const { options } = this.#statements;
      const only = { options, connect: async () => ({ ...client, release: () => {} }), end: async () => {} };
      db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: only }) });
      this.#single.set(client, db);
    }
    return { wire, db, release: (isBroken: boolean) => client.release(isBroken || undefined) };
  }

  async lockSchema(tx: Kysely<Tables>): Promise<void> {
    await sql`select pg_advisory_xact_lock(${sql.lit(SCHEMA_LOCK)})`.execute(tx);
  }

  async hasTable(name: string): Promise<boolean> {
    const { rows } = await sql<{ found: boolean }>`select to_regclass(${name}) is not null as found`.execute(
      this.db,
    );
    return rows[0]?.found === true;
  }

  judge(error: unknown): Fault {
    if (this.#statements.wasRefused(error)) return { kind: 'again' };
    return postgresFault(error, this.location);
  }

  async fateOf(transaction: string): Promise<'committed' | 'undone' | 'open'> {
    const { rows } = await sql<{ status: string | null }>`
      select pg_xact_status(${transaction}::xid8) as status
    `.execute(this.db);
    // The server may notice the break later than we do, and still be about to commit.
    if (rows[0]?.status === 'in progress') return 'open';
    return rows[0]?.status === 'committed' ? 'committed' : 'undone';
  }

  async snapshot(work: (db: Kysely<Tables>) => Promise<void>): Promise<void> {
    await this.db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work);
  }

  /** The server looks after its pages itself. */
  async findDamage(): Promise<undefined> {}

  /** Not part of the transaction, where it would hold up other writers of the database at commit. */
  announce(project: string): void {
    if (this.#announcing.has(project)) return;
    this.#announcing.add(project);
    setImmediate(() => {
      this.#announcing.delete(project);
      // Listeners also look by themselves from time to time, so that a lost notice only delays them.
      this.#pool.query('select pg_notify($1, $2)', ['codewalk', project]).catch(() => {});
    });
  }

  watch(project: string, listener: () => void): () => void {
    this.#listener ??= new ChannelListener(this.#config);
    return this.#listener.listen(project, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.[Symbol.asyncDispose]();
    if (!this.#pool.ended) await this.#pool.end();
  }
}

function wireOf(
  query: (text: string, parameters: readonly unknown[]) => Promise<PostgresQueryResult<unknown>>,
): Wire {
  return {
    execute: async (text, parameters) => {
      const { rows, rowCount, command } = await query(text, parameters);
      // So it answers a commit of a transaction that an error has undone.
      if (command === 'ROLLBACK' && text === 'commit') throw new Error('The transaction was undone');
      return { rows: rows as unknown[], changes: rowCount ?? 0 };
    },
  };
}

/** What went wrong first; later failures of a transaction are only its echo. */
async function firstFailure(posted: readonly Promise<unknown>[]): Promise<unknown> {
  const ends = await Promise.allSettled(posted);
  return ends.find((end) => end.status === 'rejected')?.reason;
}
