// What a queue gets through: tasks claimed and completed in a second, ours beside two queues on the same PostgreSQL and
// beside a bare loop on SQLite; how eight processes share one store; and whether stored tasks slow it down.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../src/adapters/store/open.ts';
import { startPostgres } from '../test/support/postgres.ts';
import {
  bareSqlite,
  type Contender,
  codewalk,
  graphileInBatches,
  graphileWorker,
  pgBoss,
  pgBossInBatches,
  planOf,
  workThrough,
} from './queues.ts';
import { median, type Section, table } from './stats.ts';

const WORKERS = [1, 4, 16] as const;
const ROUNDS = 3;
const JOBS = 1_000;
const PROCESSES = 8;
const SHARED_JOBS = 4_000;
const STORED = [1_000, 10_000, 100_000, 1_000_000] as const;
const PROBES = 500;

type Place = (name: string) => Promise<string>;

export async function benchThroughput(): Promise<Section> {
  const dir = await mkdtemp(join(tmpdir(), 'cw-bench-'));
  await using server = await startPostgres({ durable: true });
  const onPostgres: Place = () => server.freshDatabase();
  const onSqlite: Place = async (name) => `sqlite:${join(dir, `${name}.db`)}`;
  try {
    const contenders = [codewalk, pgBoss, graphileWorker, pgBossInBatches, graphileInBatches];
    const text = [
      `Tasks that do nothing, claimed and completed a second, in one process with so many workers; durable commits, medians of ${ROUNDS} rounds of ${JOBS}, in turns. The two queues as they come; below them with what their documentation advises for throughput, which takes several jobs at a time.`,
      await compare(contenders, onPostgres),
      'The same on SQLite, beside the least that a durable claim can be: one table, one transaction to claim, one to complete.',
      await compare([codewalk, bareSqlite], onSqlite),
      `${PROCESSES} processes of one worker each on one store with ${SHARED_JOBS} tasks: what each got, as shares of the whole.`,
      table(
        ['store', 'smallest share', 'largest share', 'largest / smallest (aim 3)'],
        [await fairness('SQLite', onSqlite), await fairness('PostgreSQL', onPostgres)],
      ),
      `Milliseconds for a claim and a completion (one worker, medians of ${PROBES}) beside so many tasks that wait, and as many that are done.`,
      await flatness(onSqlite, onPostgres),
    ].join('\n\n');
    return { title: 'Claim and complete', text };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function compare(contenders: readonly Contender[], place: Place): Promise<string> {
  const rates = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const workers of WORKERS) {
      for (const contender of contenders) {
        const key = `${contender.name} ${workers}`;
        await using queue = await contender.fill(await place(`${key} ${round}`), JOBS);
        const begin = performance.now();
        await queue.work(workers);
        const rate = JOBS / ((performance.now() - begin) / 1_000);
        rates.set(key, [...(rates.get(key) ?? []), rate]);
      }
    }
  }
  const rateOf = (name: string, workers: number) => median(rates.get(`${name} ${workers}`) ?? []);
  return table(
    ['', ...WORKERS.map((workers) => (workers === 1 ? '1 worker' : `${workers} workers`))],
    contenders.map(({ name }) => [
      name,
      ...WORKERS.map((workers) => {
        const rate = Math.round(rateOf(name, workers));
        const ratio = rateOf(codewalk.name, workers) / rateOf(name, workers);
        return name === codewalk.name ? `${rate}` : `${rate} (codewalk ${ratio.toFixed(2)} ×)`;
      }),
    ]),
  );
}

/** All of them work at once until nothing is left. */
async function fairness(name: string, place: Place): Promise<readonly string[]> {
  const url = await place(`fair ${name}`);
  await using store = await openStore({ url, project: 'bench' });
  await store.sync(planOf(SHARED_JOBS), { path: 'roadmap.yaml', hash: '' });
  const workers = Array.from({ length: PROCESSES }, (_, index) =>
    fork(join(import.meta.dirname, 'queue-worker.ts'), [url, `orc_${index}`], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  );
  try {
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const shares = workers.map(async (worker) => {
      const answer = once(worker, 'message');
      worker.send('go');
      const [{ done }] = (await answer) as [{ done: number }];
      return done / SHARED_JOBS;
    });
    const sorted = (await Promise.all(shares)).toSorted((a, b) => a - b);
    const [smallest = 0, largest = 0] = [sorted[0], sorted.at(-1)];
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    return [name, percent(smallest), percent(largest), (largest / smallest).toFixed(2)];
  } finally {
    for (const worker of workers) worker.kill();
  }
}

/** The cost of a claim and a completion beside ever more stored tasks. */
async function costByStored(
  place: Place,
  sizes: readonly number[],
): Promise<readonly { readonly stored: number; readonly ms: number }[]> {
  const costs: { stored: number; ms: number }[] = [];
  for (const stored of sizes) {
    await using store = await openStore({ url: await place(`flat ${stored}`), project: 'bench' });
    const half = Math.max(0, Math.floor((stored - PROBES) / 2));
    await store.sync(planOf(PROBES, { waiting: half, done: half }), { path: 'roadmap.yaml', hash: '' });
    const times: number[] = [];
    // Fewer than there are: the last one would let all go that wait.
    while (times.length < PROBES - 1) {
      const begin = performance.now();
      let asked = 0;
      await workThrough(store, { workers: 1, orchestrator: 'orc_bench', until: () => asked++ > 0 });
      times.push(performance.now() - begin);
    }
    costs.push({ stored, ms: median(times) });
  }
  return costs;
}

async function flatness(onSqlite: Place, onPostgres: Place): Promise<string> {
  const sqlite = await costByStored(onSqlite, STORED);
  const postgres = await costByStored(onPostgres, STORED);
  const row = (name: string, costs: typeof sqlite) => {
    const first = costs[0]?.ms ?? Number.NaN;
    const last = costs.at(-1)?.ms ?? Number.NaN;
    const cells = STORED.map((_, index) => costs[index]?.ms.toFixed(2) ?? '–');
    return [name, ...cells, `${(last / first).toFixed(2)} ×`];
  };
  return table(
    ['stored', ...STORED.map((stored) => stored.toLocaleString('en-US')), 'last / first'],
    [row('SQLite', sqlite), row('PostgreSQL', postgres)],
  );
}
