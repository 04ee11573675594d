import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { CodewalkError } from '../../core/errors.ts';
import { PROJECT_HEADER } from './project-header.ts';

/** The way to a server on its unix socket, and to one of its projects. */
export interface ServerDoor {
  readonly socket: string;
  readonly token: string;
  /** Root of the project, absolute; absent: it is about the server itself. */
  readonly project?: string;
}

// An import of it by name reads every export, and one of them loads all that the browser's `fetch` is made of: that
// alone takes longer than a whole command.
const { request: httpRequest } = process.getBuiltinModule('node:http');

/** The server does not answer. `wasSent`: it may have got the request, and done what was asked. */
export class ServerGoneError extends CodewalkError {
  readonly wasSent: boolean;

  constructor(what: string, options: { wasSent: boolean; cause?: unknown }) {
    super('SERVER_GONE', `The server is gone: ${what}`, {
      advice: 'See what was done with cw status, and do it again if need be; cw serve starts the server.',
      cause: options.cause,
    });
    this.wasSent = options.wasSent;
  }
}

/** Begins a request to the server. Nothing is sent before its body is written or it is ended. */
export function requestTo(
  { socket, token, project }: ServerDoor,
  {
    headers,
    ...options
  }: Pick<RequestOptions, 'method' | 'path' | 'timeout'> & {
    headers?: Readonly<Record<string, string>>;
  },
): ClientRequest {
  return httpRequest({
    socketPath: socket,
    // A connection of its own: one that was used before may be cut, and on a socket a new one costs next to nothing.
    agent: false,
    ...options,
    headers: {
      host: 'localhost',
      authorization: `Bearer ${token}`,
      ...(project === undefined ? {} : { [PROJECT_HEADER]: encodeURIComponent(project) }),
      ...headers,
    },
  });
}

/**
 * Sends a body and resolves to the whole answer. Throws `ServerGoneError` when there is none within `timeoutMs` of
 * silence.
 */
export async function exchange(
  door: ServerDoor,
  { path, body, timeoutMs }: { path: string; body: string; timeoutMs: number },
): Promise<{ readonly status: number; readonly text: string }> {
  const request = requestTo(door, {
    method: 'POST',
    path,
    timeout: timeoutMs,
    headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
  });
  let isConnected = false;
  request.once('socket', (socket) => {
    socket.once('connect', () => {
      isConnected = true;
    });
  });
  request.once('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)));
  try {
    return await new Promise((resolve, reject) => {
      request.once('error', reject);
      request.once('response', (response) => {
        textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
      });
      request.end(body);
    });
  } catch (cause) {
    throw new ServerGoneError(cause instanceof Error ? cause.message : String(cause), {
      wasSent: isConnected,
      cause,
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
