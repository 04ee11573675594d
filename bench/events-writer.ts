// An orchestrator's part: events-writer.ts <url>. On {perSecond, seconds} it commits events at that rate and answers
// with [number of the last event, epoch ms at which its commit returned] for each commit.
import { openStore } from '../src/adapters/store/open.ts';

/** So many commits a second at most: an orchestrator writes what belongs together in one. */
const COMMITS = 200;
/** As an event of an agent's output, about. */
const PADDING = 'x'.repeat(160);

const [url = '', stateDirectory = ''] = process.argv.slice(2);
const store = await openStore({ url, project: 'bench', stateDirectory });
const now = () => performance.timeOrigin + performance.now();

process.on('message', async ({ perSecond, seconds }: { perSecond: number; seconds: number }) => {
  const commits = Math.min(COMMITS, perSecond);
  const each = Math.round(perSecond / commits);
  const written: [number, number][] = [];
  const from = now();
  for (let round = 0; round < commits * seconds; round += 1) {
    const waitMs = from + (round * 1_000) / commits - now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const events = Array.from({ length: each }, () => ({
      ...({ type: 'roadmap.confirmed', path: 'roadmap.yaml', hash: PADDING, by: 'bench' } as const),
    }));
    const last = await store.log(events);
    written.push([last, now()]);
  }
  process.send?.({ written, tookMs: now() - from });
});
process.on('disconnect', () => void store.close());
process.send?.('ready');
