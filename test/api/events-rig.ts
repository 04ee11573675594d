import { request } from 'node:http';
import type { TestContext } from 'node:test';
import type { EventBus } from '../../src/core/events/bus.ts';
import { EventStreams } from '../../src/surfaces/api/event-stream.ts';
import { HttpFront } from '../../src/surfaces/api/http-front.ts';
import { RemoteBus } from '../../src/surfaces/api/remote-bus.ts';

export const TOKEN = 'a-token';

/** Serves the events of `bus` on a socket, as the daemon does, and reaches them from outside. */
export async function serveEvents(t: TestContext, bus: EventBus, socket: string) {
  const streams = new EventStreams();
  const front = new HttpFront<'viewer'>({
    authenticate: (token) => (token === TOKEN ? 'viewer' : undefined),
    routes: [
      {
        path: '/events',
        allows: () => true,
        handle: ({ request: asked, response }) => streams.serve(bus, asked, response),
      },
    ],
    onError: (error) => console.error(error),
  });
  await front.listenOnSocket(socket);
  t.after(async () => {
    streams[Symbol.dispose]();
    await front[Symbol.asyncDispose]();
  });
  return { front, streams, remote: remoteOn(socket) };
}

export function remoteOn(socketPath: string, token = TOKEN): RemoteBus {
  return new RemoteBus(async (query) =>
    request({
      socketPath,
      path: `/events?${query}`,
      headers: { authorization: `Bearer ${token}` },
      agent: false,
    }),
  );
}
