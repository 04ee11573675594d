import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ListenOptions } from 'node:net';
import { bearerToken, type Refusal, refusalOf } from './http-checks.ts';

/** One request of somebody who is known. */
export interface HttpCall<Actor> {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly actor: Actor;
}

/** What is served below one prefix. */
export interface HttpRoute<Actor> {
  /** A whole path such as `/health`, or with a slash at its end everything below it. */
  readonly path: string;
  /** May this one come here at all? What it may do there, the handler decides. */
  allows(actor: Actor): boolean;
  /** Answers. The body still has to be read, if there is one. */
  handle(call: HttpCall<Actor>): Promise<void> | void;
}

export interface HttpFrontOptions<Actor> {
  /** Whose token it is; undefined when nobody's. */
  authenticate(token: string): Actor | undefined;
  /** The first one that fits serves. */
  readonly routes: readonly HttpRoute<Actor>[];
  /** Something that a handler did not foresee. The client only hears that it happened. */
  onError(error: unknown): void;
  /** How soon a stream of events ends whose token is worth nothing any more, ms; default: two seconds. */
  readonly recheckMs?: number;
}

const RECHECK_MS = 2_000;
/** How long a request may take to arrive, as a whole and with its headers, and a connection stay unused, ms. */
const [REQUEST_MS, HEADERS_MS, IDLE_MS] = [30_000, 10_000, 5_000];
/** Whoever has asked is answered before the end, but waited for no longer than this, ms. */
const CLOSE_MS = 2_000;
const UNKNOWN: Refusal = { status: 401, code: 'NO_TOKEN', message: 'A valid bearer token is needed.' };
const FORBIDDEN: Refusal = { status: 403, code: 'NOT_ALLOWED', message: 'This token does not allow it.' };
const NOTHING: Refusal = { status: 404, code: 'NOT_FOUND', message: 'There is nothing here.' };
const BROKEN: Refusal = { status: 500, code: 'INTERNAL', message: 'It failed; the log says why.' };

/**
 * Answers HTTP on unix sockets and on loopback, to those who have a token and to nobody else. Every request is
 * authenticated before anything of it is looked at; then come `Host`, `Origin` and the length of the body. There are
 * no CORS headers, so no web page of another origin reads an answer. Closing ends streams of events and waits for
 * the requests that are under way.
 */
export class HttpFront<Actor> implements AsyncDisposable {
  readonly #options: HttpFrontOptions<Actor>;
  readonly #servers: Server[] = [];
  /** What is being answered, with the token that it came with. */
  readonly #open = new Map<ServerResponse, string | undefined>();
  #recheck: NodeJS.Timeout | undefined;

  constructor(options: HttpFrontOptions<Actor>) {
    this.#options = options;
  }

  /**
   * Listens on a socket that only this user can open. Its directory has to be private already: between binding and
   * the change of its mode nobody else may get at it. Rejects with `EADDRINUSE` when the file is there.
   */
  async listenOnSocket(path: string): Promise<void> {
    await this.#listen(() => undefined, { path });
    await chmod(path, 0o600);
  }

  /** Listens on `127.0.0.1`; 0: on a free port. Resolves to the port. */
  async listenOnLoopback(port: number): Promise<number> {
    const server = await this.#listen(() => portOf(server), { host: '127.0.0.1', port });
    return portOf(server);
  }

  /** Requests that are being answered, streams of events among them. */
  get calls(): number {
    return this.#open.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#servers.map((server) => closeServer(server));
    clearInterval(this.#recheck);
    for (const response of this.#open.keys()) {
      if (isEventStream(response)) response.destroy();
    }
    for (const server of this.#servers) server.closeIdleConnections();
    const patience = setTimeout(() => {
      for (const server of this.#servers) server.closeAllConnections();
    }, CLOSE_MS);
    await Promise.all(closed);
    clearTimeout(patience);
  }

  async #listen(port: () => number | undefined, where: ListenOptions): Promise<Server> {
    const server = createServer(
      {
        requestTimeout: REQUEST_MS,
        headersTimeout: HEADERS_MS,
        keepAliveTimeout: IDLE_MS,
        // Without one the answer is the same as with a wrong one.
        requireHostHeader: false,
      },
      (request, response) => void this.#answer(request, response, port()),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(where, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', (error) => this.#options.onError(error));
    this.#servers.push(server);
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse, port: number | undefined): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    const token = bearerToken(request.headers);
    this.#keep(response, token);
    try {
      const actor = token === undefined ? undefined : this.#options.authenticate(token);
      if (actor === undefined) return refuse(response, UNKNOWN);
      const refusal = refusalOf(request, port);
      if (refusal !== undefined) return refuse(response, refusal);
      const route = this.#routeOf(request.url ?? '');
      if (route === undefined) return refuse(response, NOTHING);
      if (!route.allows(actor)) return refuse(response, FORBIDDEN);
      await route.handle({ request, response, actor });
    } catch (error) {
      this.#options.onError(error);
      if (response.headersSent) response.destroy();
      else refuse(response, BROKEN);
    }
  }

  #keep(response: ServerResponse, token: string | undefined): void {
    this.#open.set(response, token);
    this.#recheck ??= setInterval(() => this.#endUnknown(), this.#options.recheckMs ?? RECHECK_MS).unref();
    response.once('close', () => {
      this.#open.delete(response);
      if (this.#open.size > 0) return;
      clearInterval(this.#recheck);
      this.#recheck = undefined;
    });
  }

  /** A stream may last for days; a token that was taken back, or is over, counts at once. */
  #endUnknown(): void {
    for (const [response, token] of this.#open) {
      if (!isEventStream(response)) continue;
      if (token === undefined || this.#options.authenticate(token) === undefined) response.destroy();
    }
  }

  #routeOf(url: string): HttpRoute<Actor> | undefined {
    const path = url.split('?', 1)[0] ?? '';
    return this.#options.routes.find((route) =>
      route.path.endsWith('/') ? path.startsWith(route.path) : path === route.path,
    );
  }
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** The rest of the request is not read: the connection ends with the answer. */
function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  response.setHeader('Connection', 'close');
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  answerJson(response, status, { error: { code, message } });
}

function isEventStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port');
  return address.port;
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}
