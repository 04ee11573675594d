import pg from 'pg';

const CHANNEL = 'codewalk';
/** Notices may be lost with a connection, so listeners are also called this often. */
const POLL_MS = 2_000;
const RECONNECT_MS = 500;

/** Hears what other processes announce, on a connection of its own, which it replaces when it breaks. */
export class ChannelListener implements AsyncDisposable {
  readonly #config: pg.ClientConfig;
  readonly #listeners = new Map<string, Set<() => void>>();
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(config: pg.ClientConfig) {
    this.#config = config;
  }

  listen(project: string, listener: () => void): () => void {
    const entry = () => listener();
    const ours = this.#listeners.get(project) ?? new Set();
    this.#listeners.set(project, ours.add(entry));
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#callAll(), POLL_MS).unref();
      this.#connect();
    }
    return () => {
      ours.delete(entry);
      if (ours.size === 0) this.#listeners.delete(project);
    };
  }

  #connect(): void {
    const client = new pg.Client(this.#config);
    this.#client = client;
    const reconnect = () => {
      if (this.#client !== client || this.#isClosed) return;
      this.#client = undefined;
      client.end().catch(() => {});
      this.#retry = setTimeout(() => this.#connect(), RECONNECT_MS).unref();
    };
    client.on('error', reconnect);
    client.on('end', reconnect);
    client.on('notification', ({ payload }) => {
      for (const call of this.#listeners.get(payload ?? '') ?? []) call();
    });
    client
      .connect()
      .then(() => client.query(`listen ${CHANNEL}`))
      // What was announced before this connection listened is not told again.
      .then(() => this.#callAll(), reconnect);
  }

  #callAll(): void {
    for (const listeners of this.#listeners.values()) for (const call of listeners) call();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
    await this.#client?.end().catch(() => {});
  }
}
