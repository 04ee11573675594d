import type { Operation } from '../../core/api/roles.ts';
import { type ErrorFacts, errorOf } from '../../core/error-facts.ts';
import { CodewalkError } from '../../core/errors.ts';
import { exchange, type ServerDoor } from './socket-request.ts';

/** A question is answered from the store; what changes something may wait for agents, git, a hook or a remote, ms. */
const [QUERY_MS, MUTATION_MS] = [20_000, 600_000];

/** See trpc.io/docs/rpc; the front's own refusals have a code and a message alone. */
interface Answer {
  readonly result?: { readonly data?: unknown };
  readonly error?: {
    readonly code?: unknown;
    readonly message?: unknown;
    readonly data?: { readonly error?: ErrorFacts };
  };
}

/**
 * Calls one procedure, as tRPC puts it on the wire. By hand, because a command asks one question or two: the links of
 * tRPC's client ask for parts of the browser's `fetch`, which take longer to load than the command. Throws what the
 * server threw, in its words, and `ServerGoneError` when it does not answer.
 */
export async function rpcCall(
  door: ServerDoor,
  { path, kind }: Pick<Operation, 'path' | 'kind'>,
  input: unknown,
  below: '/trpc/' | '/server/' = '/trpc/',
): Promise<unknown> {
  const { status, text } = await exchange(door, {
    path: below + path,
    // Whatever takes no input takes an empty one.
    body: JSON.stringify(input ?? {}),
    timeoutMs: kind === 'query' ? QUERY_MS : MUTATION_MS,
  });
  const { result, error } = parsed(status, text);
  if (error === undefined) return result?.data;
  if (error.data?.error !== undefined) throw errorOf(error.data.error);
  throw new CodewalkError('SERVER_REFUSED', `The server refuses (${error.code}): ${error.message}`, {
    advice: 'If its token was changed, start it anew: cw server restart.',
  });
}

function parsed(status: number, text: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    throw new CodewalkError('SERVER_REFUSED', `The server answers ${status}, and not as this one does`, {
      advice: 'Start it anew: cw server restart.',
    });
  }
}
