// One of several processes that share a store: queue-worker.ts <url> <name>. Says that it is ready, waits for a word,
// works until nothing is left, and says how many it did.
import { once } from 'node:events';
import { openStore } from '../src/adapters/store/open.ts';
import { workThrough } from './queues.ts';

const [url = '', orchestrator = ''] = process.argv.slice(2);
await using store = await openStore({ url, project: 'bench' });
process.send?.('ready');
await once(process, 'message');
process.send?.({ done: await workThrough(store, { workers: 1, orchestrator }) });
process.disconnect?.();
