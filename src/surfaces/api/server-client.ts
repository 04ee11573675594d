import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type ErrorFacts, errorOf } from '../../core/error-facts.ts';
import { CodewalkError } from '../../core/errors.ts';
import { SERVER_OPERATIONS } from '../../core/server/operations.ts';
import type { ServerApi, ServerInfo } from '../../core/server/ports.ts';

export interface Connection {
  /** Of the unix socket. */
  readonly socket: string;
  readonly token: string;
}

/** The server does not answer: it is not there, or it is not one. */
class NotAnsweringError extends CodewalkError {
  constructor(cause: unknown) {
    super('SERVER_NOT_ANSWERING', 'the server does not answer', {
      advice: 'cw server log may say why; cw serve starts it.',
      cause,
    });
  }
}

/** A change may wait for agents that are stopped, ms. */
const [QUERY_MS, MUTATION_MS] = [10_000, 120_000];

/**
 * The server's own operations over its socket, as tRPC puts them on the wire. By hand, because the commands that use
 * them ask one question each, and any client library takes longer to load than that.
 */
export function connectServer(connection: Connection): ServerApi {
  const { addProject, removeProject, stop } = SERVER_OPERATIONS;
  return {
    info: async () => (await call(connection, SERVER_OPERATIONS.info, undefined)) as ServerInfo,
    addProject: async (project) =>
      (await call(connection, addProject, project)) as ServerInfo['projects'][number],
    removeProject: async (asked) => {
      await call(connection, removeProject, asked);
    },
    stop: async (asked) => {
      await call(connection, stop, asked);
    },
  };
}

/** See trpc.io/docs/rpc. */
interface Answer {
  readonly result?: { readonly data?: unknown };
  readonly error?: { readonly message: string; readonly data: { readonly error?: ErrorFacts } };
}

async function call(
  connection: Connection,
  { path, kind }: { readonly path: string; readonly kind: 'query' | 'mutation' },
  input: unknown,
): Promise<unknown> {
  const { result, error } = await ask(connection, path, kind === 'query' ? undefined : JSON.stringify(input));
  if (error === undefined) return result?.data;
  const { error: facts } = error.data;
  if (facts !== undefined) throw errorOf(facts);
  throw new CodewalkError('SERVER_FAILED', `the server answered: ${error.message}`, {
    advice: 'cw server log may say more; cw server restart starts it anew.',
  });
}

async function ask({ socket, token }: Connection, path: string, body: string | undefined): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request(
    {
      socketPath: socket,
      path: `/server/${path}`,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      signal: AbortSignal.timeout(body === undefined ? QUERY_MS : MUTATION_MS),
      agent: false,
    },
    (response) => void text(response).then(resolve, reject),
  );
  asked.on('error', reject);
  asked.end(body);
  try {
    return JSON.parse(await promise) as Answer;
  } catch (error) {
    throw new NotAnsweringError(error);
  }
}
