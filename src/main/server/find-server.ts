import { connect } from 'node:net';
import { readServer } from '../../adapters/server-files/server-record.ts';
import type { ServerApi, ServerRecord } from '../../core/server/ports.ts';
import { connectServer } from '../../surfaces/api/server-client.ts';
import type { ServerDoor } from '../../surfaces/api/socket-request.ts';

/** A server that runs, and the way to it. */
export interface FoundServer {
  readonly record: ServerRecord;
  readonly connection: ServerDoor;
  readonly api: ServerApi;
}

/**
 * The server of this user, if one listens. What a dead one has left is no server, so its socket is tried. Loads
 * nothing heavy: every command may ask.
 */
export async function findServer(directory: string): Promise<FoundServer | undefined> {
  const known = readServer(directory);
  if (known === undefined || !(await isListening(known.record.socket))) return undefined;
  const { record, token } = known;
  const connection = { socket: record.socket, token };
  return { record, connection, api: connectServer(connection) };
}

async function isListening(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  const answer = await promise;
  socket.destroy();
  return answer;
}
