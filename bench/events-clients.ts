// Clients in one process: events-clients.ts <socket> <raw|trpc> <count>. Each checks that no number is missing or comes
// twice. All read frames and compare their numbers; the first one of `raw` also parses every event, as a real one does.
// On {stop} they tell what they saw; on {cutEveryMs} each is cut so often, and goes on after the last event it has.
import { request } from 'node:http';
import { RemoteBus } from '../src/surfaces/api/remote-bus.ts';

const [socketPath = '', mode = 'raw', countText = '1'] = process.argv.slice(2);
const now = () => performance.timeOrigin + performance.now();
const seen = { events: 0, missed: 0, doubled: 0, cuts: 0, lowest: Number.POSITIVE_INFINITY };
/** [number of the last event of a batch, when it came], of the first client. */
const arrived: [number, number][] = [];
const lasts: number[] = [];
const cutters: (() => void)[] = [];

function saw(client: number, first: number, last: number): void {
  const before = lasts[client] ?? 0;
  if (first > before + 1) seen.missed += first - before - 1;
  if (first <= before) seen.doubled += Math.min(last, before) - first + 1;
  seen.events += last - first + 1;
  lasts[client] = Math.max(last, before);
  if (client === 0) arrived.push([last, now()]);
}

async function whole(client: number): Promise<void> {
  const bus = new RemoteBus(async (query) => {
    const asked = request({ socketPath, path: `/events?${query}`, agent: false });
    cutters[client] = () => asked.destroy();
    return asked;
  });
  for await (const events of bus.subscribe({ after: 0 })) {
    for (const { seq } of events) {
      const before = lasts[client] ?? 0;
      if (seq > before + 1) seen.missed += 1;
      if (seq <= before) seen.doubled += 1;
      seen.events += 1;
      lasts[client] = seq;
    }
    if (client === 0) arrived.push([lasts[client] ?? 0, now()]);
  }
}

/** Takes of every frame only the first and the last number. */
function light(client: number): void {
  const after = lasts[client] ?? 0;
  const path =
    mode === 'raw'
      ? `/events?after=${after}`
      : `/trpc/events?input=${encodeURIComponent(JSON.stringify({ lastEventId: after }))}`;
  const asked = request({ socketPath, path, headers: { accept: 'text/event-stream' }, agent: false });
  cutters[client] = () => asked.destroy();
  asked.on('error', () => {});
  asked.on('close', () => setTimeout(() => light(client), 20));
  asked.on('response', (response) => {
    response.setEncoding('latin1');
    response.on('error', () => {});
    let rest = '';
    response.on('data', (piece: string) => {
      const frames = (rest + piece).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) {
        const first = /"seq":(\d+)/.exec(frame.slice(0, 400))?.[1];
        const last = /^id: (\d+)$/m.exec(mode === 'raw' ? frame.slice(0, 40) : frame.slice(-40))?.[1];
        if (first !== undefined && last !== undefined) saw(client, Number(first), Number(last));
      }
    });
  });
  asked.end();
}

for (let client = 0; client < Number(countText); client += 1) {
  if (mode === 'raw' && client === 0) void whole(client);
  else light(client);
}

process.on('message', ({ cutEveryMs }: { cutEveryMs?: number }) => {
  if (cutEveryMs === undefined) {
    process.send?.({ ...seen, lowest: Math.min(...lasts), arrived });
    return;
  }
  cutters.forEach((_, client) => {
    setInterval(
      () => {
        seen.cuts += 1;
        cutters[client]?.();
      },
      cutEveryMs * (0.5 + Math.random()),
    ).unref();
  });
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
