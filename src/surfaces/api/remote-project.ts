import {
  createTRPCUntypedClient,
  httpBatchLink,
  TRPCClientError,
  type TRPCUntypedClient,
} from '@trpc/client';
import type { ProjectApi } from '../../core/api/ports.ts';
import { OPERATIONS } from '../../core/api/roles.ts';
import { type ErrorFacts, errorOf } from '../../core/error-facts.ts';
import { CodewalkError } from '../../core/errors.ts';
import { parseTaskId } from '../../core/parse-task-id.ts';
import type { ApiRouter } from './router.ts';
import { exchange, requestTo, type ServerDoor, ServerGoneError } from './socket-request.ts';

/** A question is answered from the store; what changes something may wait for git, a hook or a remote. */
const [QUERY_MS, MUTATION_MS] = [20_000, 600_000];

type Client = TRPCUntypedClient<ApiRouter>;

/**
 * One project as another process serves it. Throws what the server threw, in its words, and `ServerGoneError` when it
 * does not answer.
 */
export function remoteProject(door: ServerDoor): ProjectApi {
  const clients = { query: clientOf(door, QUERY_MS), mutation: clientOf(door, MUTATION_MS) };
  const calls = Object.entries(OPERATIONS).flatMap(([name, { kind, path }]) =>
    kind === 'subscription' ? [] : [[name, (input: unknown) => call(clients[kind], { kind, path, input })]],
  );
  const follow: ProjectApi['follow'] = async function* ({ after, task, types }, signal) {
    const { RemoteBus } = await import('./remote-bus.ts');
    const bus = new RemoteBus(async (query) => {
      // A bus tries again for ever, as it should when a connection is cut; without a server there is nobody to try.
      await knock(door);
      return requestTo(door, { method: 'GET', path: `/events?${query}` });
    });
    const filter = {
      ...(task === undefined ? {} : { task: parseTaskId(task) }),
      ...(types === undefined ? {} : { types }),
    };
    yield* bus.subscribe({ ...filter, after, until: signal });
  };
  // Every operation has its entry: the table is checked against the port.
  return { ...Object.fromEntries(calls), follow } as unknown as ProjectApi;
}

function clientOf(door: ServerDoor, timeoutMs: number): Client {
  return createTRPCUntypedClient<ApiRouter>({
    links: [
      httpBatchLink({
        url: 'http://localhost/trpc',
        methodOverride: 'POST',
        fetch: async (url, options) => {
          const { pathname, search } = new URL(String(url));
          const body =
            options?.body === undefined || options.body === null ? undefined : String(options.body);
          const { status, text } = await exchange(door, { path: pathname + search, body, timeoutMs });
          return { ok: status < 400, json: async () => parsed(status, text) };
        },
      }),
    ],
  });
}

async function call(
  client: Client,
  { kind, path, input }: { kind: 'query' | 'mutation'; path: string; input: unknown },
): Promise<unknown> {
  try {
    return await client[kind](path, input);
  } catch (error) {
    throw ownError(error);
  }
}

/** The server's own error, or that of the way to it. */
function ownError(error: unknown): unknown {
  if (!(error instanceof TRPCClientError)) return error;
  if (error.cause instanceof CodewalkError) return error.cause;
  const { error: facts } = (error.data ?? {}) as { error?: ErrorFacts };
  return facts === undefined ? error : errorOf(facts);
}

/** Refused before the router: by its token, its size or the like. */
function parsed(status: number, text: string): unknown {
  const answer = parseJson(status, text);
  if (Array.isArray(answer)) return answer;
  const { error } = answer as { error?: { code?: unknown; message?: unknown } };
  if (typeof error?.code === 'string') {
    throw new CodewalkError('SERVER_REFUSED', `The server refuses (${error.code}): ${error.message}`, {
      advice: 'If its token was changed, start it anew: cw server restart.',
    });
  }
  return answer;
}

function parseJson(status: number, text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new CodewalkError('SERVER_REFUSED', `The server answers ${status}, and not as this one does`, {
      advice: 'Start it anew: cw server restart.',
    });
  }
}

/** Throws `ServerGoneError` when nobody listens. */
async function knock({ socketPath }: ServerDoor): Promise<void> {
  const { connect } = process.getBuiltinModule('node:net');
  await new Promise<void>((resolve, reject) => {
    const socket = connect(socketPath, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', (cause) => reject(new ServerGoneError(cause.message, { wasSent: false, cause })));
  });
}
