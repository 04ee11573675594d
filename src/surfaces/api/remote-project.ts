import type { ProjectApi } from '../../core/api/ports.ts';
import { OPERATIONS } from '../../core/api/roles.ts';
import { parseTaskId } from '../../core/parse-task-id.ts';
import { rpcCall } from './rpc-call.ts';
import { requestTo, type ServerDoor, ServerGoneError } from './socket-request.ts';

/** One project as another process serves it. */
export function remoteProject(door: ServerDoor): ProjectApi {
  const calls = Object.entries(OPERATIONS).flatMap(([name, operation]) =>
    operation.kind === 'subscription'
      ? []
      : [[name, (input: unknown) => rpcCall(door, operation, input)] as const],
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

/** Throws `ServerGoneError` when nobody listens. */
async function knock({ socket: path }: ServerDoor): Promise<void> {
  const { connect } = process.getBuiltinModule('node:net');
  await new Promise<void>((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', (cause) => reject(new ServerGoneError(cause.message, { wasSent: false, cause })));
  });
}
