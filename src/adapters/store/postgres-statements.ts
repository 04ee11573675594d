import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';
import { isReadOnly } from './postgres-faults.ts';

/** Statements kept by name on each connection; the store's own are far fewer. */
const MOST_NAMES = 300;
/** Texts remembered to see whether they come again. */
const MOST_SEEN = 1_000;

// SQLSTATE of a pooler that gives each transaction another server connection, where the names are unknown.
const UNKNOWN_NAME = '26000';
const DUPLICATE_NAME = '42P05';

/**
 * A pool whose connections keep statements that come again parsed and planned on the server, which takes about a
 * third off a transaction. Behind a pooler that cannot do so it goes on without names.
 */
export class NamedStatements implements PostgresPool {
  readonly #pool: pg.Pool;
  readonly #limitMs: number;
  readonly #clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  readonly #seen = new Set<string>();
  readonly #names = new Map<string, string>();
  #areUsable = true;

  /** `limitMs`: a query that got no answer for so long has lost its connection. */
  constructor(pool: pg.Pool, limitMs: number) {
    this.#pool = pool;
    this.#limitMs = limitMs;
  }

  get options(): object {
    return this.#pool.options;
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.#pool.connect();
    let wrapped = this.#clients.get(client);
    if (wrapped === undefined) {
      wrapped = this.#wrap(client);
      this.#clients.set(client, wrapped);
    }
    return wrapped;
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }

  /** Whether the error says that names cannot be used here; then none are from now on. */
  wasRefused(error: unknown): boolean {
    if (!(error instanceof Error) || !('code' in error)) return false;
    if (error.code !== UNKNOWN_NAME && error.code !== DUPLICATE_NAME) return false;
    this.#areUsable = false;
    return true;
  }

  #wrap(client: pg.PoolClient): PostgresPoolClient {
    // The query under way is told; without a listener the event would end the process besides.
    client.on('error', () => {});
    let isUseless = false;
    const query = async (text: string, values: readonly unknown[]): Promise<PostgresQueryResult<unknown>> => {
      const name = this.#nameOf(text, values);
      const limit = setTimeout(() => cut(client), this.#limitMs);
      try {
        return (await client.query({
          text,
          values: [...values],
          ...(name === undefined ? {} : { name }),
        })) as PostgresQueryResult<unknown>;
      } catch (error) {
        isUseless ||= isReadOnly(error);
        throw error;
      } finally {
        clearTimeout(limit);
      }
    };
    return {
      query: query as PostgresPoolClient['query'],
      release: (error) => client.release((error as boolean) || isUseless),
    };
  }

  #nameOf(text: string, values: readonly unknown[]): string | undefined {
    if (!this.#areUsable || values.length === 0) return undefined;
    const name = this.#names.get(text);
    if (name !== undefined) return name;
    if (this.#seen.has(text)) {
      if (this.#names.size < MOST_NAMES) this.#names.set(text, `cw_${this.#names.size}`);
    } else if (this.#seen.size < MOST_SEEN) {
      this.#seen.add(text);
    }
    return this.#names.get(text);
  }
}

/**
 * Ends a connection whose other end is silent, without waiting for it: the queries under way are told that it broke. A
 * client of the pool has the method, which its type leaves out.
 */
function cut(client: pg.PoolClient): void {
  void (client as pg.PoolClient & Pick<pg.Client, 'end'>).end().catch(() => {});
}
