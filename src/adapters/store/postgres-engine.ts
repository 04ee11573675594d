import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { CodewalkError, messageOf, UsageError } from '../../core/errors.ts';
import type { Engine, Fault } from './engine.ts';
import { systemPace } from './pace.ts';
import { postgresFault } from './postgres-faults.ts';
import { ChannelListener } from './postgres-listener.ts';
import { NamedStatements } from './postgres-statements.ts';
import { newPatience } from './retried.ts';
import type { Tables } from './tables.ts';

/** One writes, the others read. */
const CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 10_000;
/** Names the lock of schema changes among all advisory locks of the database: "cw" and a number. */
const SCHEMA_LOCK = 0x6377_0001;
const INT8 = 20;

/** Connects once, so that a wrong address or password is an error at once. */
export async function openPostgres(url: string): Promise<PostgresEngine> {
  const config = connectionConfig(url);
  const location = locationOf(url);
  const pool = new pg.Pool({ ...config, max: CONNECTIONS });
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on('error', () => {});
  try {
    const client = await pool.connect();
    client.release();
  } catch (error) {
    await pool.end();
    throw new CodewalkError('STORE_UNREACHABLE', `Cannot connect to ${location}: ${messageOf(error)}`, {
      advice: 'Check that the server runs and that address, user and password in "database" are right.',
      cause: error,
    });
  }
  return new PostgresEngine(pool, config, location);
}

function connectionConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'codewalk',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
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
  readonly pace = systemPace;
  readonly patience = newPatience();
  readonly location: string;
  readonly place: string;
  readonly db: Kysely<Tables>;
  readonly direct = undefined;
  readonly #pool: pg.Pool;
  readonly #config: pg.ClientConfig;
  readonly #announcing = new Set<string>();
  readonly #statements: NamedStatements;
  #listener: ChannelListener | undefined;

  constructor(pool: pg.Pool, config: pg.ClientConfig, location: string) {
    this.#pool = pool;
    this.#config = config;
    this.location = location;
    this.place = location;
    this.#statements = new NamedStatements(pool);
    this.db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: this.#statements }) });
  }

  /**
   * One row a project: its lock gives writers the order that SQLite's single writer has, so that both engines
   * show the same behaviour, and no two transactions can dead-lock over tasks and gates.
   */
  transaction(work: (tx: Kysely<Tables>) => Promise<void>): Promise<void> {
    return this.db.transaction().execute(work);
  }

  async lockProject(tx: Kysely<Tables>, project: string): Promise<string> {
    const { rows } = await sql<{ xid: string }>`
      select pg_current_xact_id()::text as xid from stream where project_id = ${project} for update
    `.execute(tx);
    const row = rows[0];
    if (row === undefined) throw new Error(`Project ${project} has no stream`);
    return row.xid;
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
