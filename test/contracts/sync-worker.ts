// Dies in the middle of a sync, as by a power cut: node sync-worker.ts <url> <project>
import { openStore } from '../../src/adapters/store/open.ts';
import { planOf, SOURCE } from './store-kit.ts';

const [url = '', project = ''] = process.argv.slice(2);
const store = await openStore({ url, project, version: '1.2.3' });
const plan = planOf({ a: { prompt: 'new' }, c: {}, d: { needs: ['gate:all'] } }, { all: ['a', 'c'] });
let reads = 0;
const deadly = {
  ...plan,
  gates: plan.gates.map((gate) => ({
    id: gate.id,
    // The definitions are written by then, the gates are about to be.
    get members() {
      reads += 1;
      if (reads > 2) process.kill(process.pid, 'SIGKILL');
      return gate.members;
    },
  })),
};
await store.sync(deadly, { ...SOURCE, hash: 'other' });
