// The daemon's part: events-server.ts <url> <state directory> <socket> <raw|trpc>. Serves the log's events on a unix
// socket. On a message it answers with the CPU time and memory that it has taken so far.
import { createServer } from 'node:http';
import { initTRPC, tracked } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import * as z from 'zod';
import { openStore } from '../src/adapters/store/open.ts';
import { LogBus } from '../src/core/events/log-bus.ts';
import { EventStreams } from '../src/surfaces/api/event-stream.ts';

const [url = '', stateDirectory = '', socket = '', mode = 'raw'] = process.argv.slice(2);
const store = await openStore({ url, project: 'bench', stateDirectory });
const bus = new LogBus(store);
const streams = new EventStreams();

const t = initTRPC.create({ sse: { maxDurationMs: 3_600_000, ping: { enabled: true, intervalMs: 15_000 } } });
const input = z.object({ lastEventId: z.coerce.number().default(0) });
const router = t.router({
  events: t.procedure.input(input).subscription(async function* ({ input: { lastEventId }, signal }) {
    const cut = signal === undefined ? {} : { cut: signal };
    for await (const events of bus.subscribe({ after: lastEventId, ...cut })) {
      yield tracked(String(events.at(-1)?.seq), events);
      await new Promise((resolve) => setTimeout(resolve, 16));
    }
  }),
});
const trpc = createHTTPHandler({ router, basePath: '/trpc/' });

createServer((request, response) => {
  if (mode === 'trpc') trpc(request, response);
  else void streams.serve(bus, request, response);
}).listen(socket, () => process.send?.('ready'));

process.on('message', () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1_000, rssMb: process.memoryUsage().rss / 1_048_576 });
});
process.on('disconnect', () => process.exit());
