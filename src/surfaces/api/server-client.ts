import { SERVER_OPERATIONS } from '../../core/server/operations.ts';
import type { ServerApi } from '../../core/server/ports.ts';
import { rpcCall } from './rpc-call.ts';
import type { ServerDoor } from './socket-request.ts';

/** The operations of the server itself, over its socket. */
export function connectServer(door: ServerDoor): ServerApi {
  const calls = Object.entries(SERVER_OPERATIONS).map(
    ([name, operation]) => [name, (input: unknown) => rpcCall(door, operation, input, '/server/')] as const,
  );
  // Every operation has its entry: the table is checked against the port.
  return Object.fromEntries(calls) as unknown as ServerApi;
}
