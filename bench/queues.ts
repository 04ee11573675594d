import { DatabaseSync } from 'node:sqlite';
import { type Job, Logger, runMigrations, run as runWorker } from 'graphile-worker';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { openStore } from '../src/adapters/store/open.ts';
import { decide } from '../src/core/dispatch/decide.ts';
import { taskId } from '../src/core/ids.ts';
import type { Plan, PlannedTask } from '../src/core/roadmap/model.ts';
import type { Store } from '../src/core/tasks/ports.ts';

/** A queue with `jobs` jobs that do nothing; `work` claims and completes all of them with so many workers. */
export interface Queue extends AsyncDisposable {
  work(workers: number): Promise<void>;
}

/** One of those that are compared. `url`: of an empty database. */
export interface Contender {
  readonly name: string;
  fill(url: string, jobs: number): Promise<Queue>;
}

/** Our store, as the orchestrator uses it: claims for its free slots, and the end of each task. */
export const codewalk: Contender = {
  name: 'codewalk',
  async fill(url, jobs) {
    const store = await openStore({ url, project: 'bench' });
    await store.sync(planOf(jobs), { path: 'roadmap.yaml', hash: '' });
    return {
      work: async (workers) => {
        const done = await workThrough(store, { workers, orchestrator: 'orc_bench' });
        if (done !== jobs) throw new Error(`${done} of ${jobs} done`);
      },
      [Symbol.asyncDispose]: () => store.close(),
    };
  },
};

/**
 * Works with so many slots until nothing is left or `until` says so. A slot is free as soon as the end of its task is
 * on its way, as in the orchestrator: the next claim then shares its transaction. Returns how many were done.
 */
export async function workThrough(
  store: Store,
  options: { workers: number; orchestrator: string; until?: () => boolean },
): Promise<number> {
  const { workers, orchestrator, until } = options;
  let done = 0;
  let ends: Promise<unknown> = Promise.resolve();
  while (until?.() !== true) {
    const { claims } = await store.claim({
      orchestrator,
      freeSlots: workers,
      leaseMs: 60_000,
      decide: (snapshot) => decide(snapshot, { accountsOf: () => [] }),
    });
    await ends;
    if (claims.length === 0) break;
    done += claims.length;
    ends = Promise.all(
      claims.map(({ task, attempt, fence }) =>
        store.append({ task, attempt, fence }, [
          { type: 'task.done', task, attempt, commit: undefined, summary: '' },
        ]),
      ),
    );
  }
  await ends;
  return done;
}

/** `jobs` tasks that wait for nothing, besides `waiting` ones that wait for the last of them and `done` that are over. */
export function planOf(jobs: number, { waiting = 0, done = 0 } = {}): Plan {
  const ready = Array.from({ length: jobs }, (_, order) => planned(`t${order}`, order));
  const last = ready.at(-1)?.definition.id;
  const behind = Array.from({ length: waiting }, (_, index) => {
    const task = planned(`w${index}`, jobs + index);
    return last === undefined ? task : { ...task, needs: [last] };
  });
  const over = Array.from({ length: done }, (_, index) => {
    const task = planned(`d${index}`, jobs + waiting + index);
    return { ...task, definition: { ...task.definition, initialState: 'done' as const } };
  });
  return { tasks: [...ready, ...behind, ...over], gates: [] };
}

function planned(name: string, order: number): PlannedTask {
  const id = taskId.parse(name);
  return {
    definition: {
      id,
      title: name,
      prompt: `Do ${name}`,
      path: {},
      dependsOn: [],
      files: [],
      priority: 50,
      exitCriteria: [],
      onFailure: 'hard',
    },
    order,
    needs: [],
    chain: 1,
  };
}

const QUEUE = 'bench';

/** Each worker fetches one job and completes it; its own `work()` polls, which would be slower. */
export const pgBoss: Contender = {
  name: 'pg-boss',
  fill: (url, jobs) => fillPgBoss(url, jobs, () => 1),
};

/** Fetches and completes as many at a time as there are workers. */
export const pgBossInBatches: Contender = {
  name: 'pg-boss, in batches',
  fill: (url, jobs) => fillPgBoss(url, jobs, (workers) => workers),
};

async function fillPgBoss(url: string, jobs: number, batchOf: (workers: number) => number): Promise<Queue> {
  const boss = new PgBoss({ connectionString: url, max: 20, supervise: false, schedule: false });
  boss.on('error', (error) => {
    throw error;
  });
  await boss.start();
  await boss.createQueue(QUEUE);
  for (let from = 0; from < jobs; from += 1_000) {
    const size = Math.min(1_000, jobs - from);
    await boss.insert(
      QUEUE,
      Array.from({ length: size }, (_, index) => ({ data: { index: from + index } })),
    );
  }
  return {
    work: async (workers) => {
      const batchSize = batchOf(workers);
      let done = 0;
      const worker = async (): Promise<void> => {
        for (;;) {
          const fetched = await boss.fetch(QUEUE, { batchSize });
          if (fetched.length === 0) return;
          await boss.complete(
            QUEUE,
            fetched.map(({ id }) => id),
          );
          done += fetched.length;
        }
      };
      await Promise.all(Array.from({ length: workers / batchSize }, worker));
      if (done !== jobs) throw new Error(`${done} of ${jobs} done`);
    },
    [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
  };
}

/** As it comes. */
export const graphileWorker: Contender = {
  name: 'graphile-worker',
  fill: (url, jobs) => fillGraphile(url, jobs, () => ({})),
};

/** With its local queue and batched completions, as its documentation advises for throughput. */
export const graphileInBatches: Contender = {
  name: 'graphile-worker, in batches',
  fill: (url, jobs) =>
    fillGraphile(url, jobs, (workers) => ({
      localQueue: { size: workers + 1 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    })),
};

async function fillGraphile(url: string, jobs: number, tuned: (workers: number) => object): Promise<Queue> {
  const logger = new Logger(() => () => {});
  const pool = new pg.Pool({ connectionString: url, max: 20 });
  // It asks for both.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  await runMigrations({ pgPool: pool, logger });
  await pool.query(
    `select graphile_worker.add_jobs(array(select row('noop', json_build_object('index', i), null, null, null, null, null, null)::graphile_worker.job_spec from generate_series(1, $1) i))`,
    [jobs],
  );
  return {
    work: async (workers) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const runner = await runWorker({
        pgPool: pool,
        logger,
        concurrency: workers,
        pollInterval: 100,
        noHandleSignals: true,
        taskList: { noop: () => undefined },
        preset: { worker: { concurrentJobs: workers, ...tuned(workers) } },
      });
      let done = 0;
      runner.events.on('job:complete', (_: { job: Job }) => {
        done += 1;
        if (done === jobs) resolve();
      });
      await promise;
      await runner.stop();
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

/** The least that a durable claim can be: one table, one transaction to claim and one to complete. `url`: a file. */
export const bareSqlite: Contender = {
  name: 'a bare loop',
  async fill(url, jobs) {
    const db = new DatabaseSync(url.replace(/^sqlite:/, ''));
    db.exec('pragma journal_mode = wal; pragma synchronous = full');
    db.exec('create table jobs (id integer primary key, state text not null)');
    db.exec("create index ready on jobs (id) where state = 'ready'");
    db.exec('begin');
    const insert = db.prepare("insert into jobs values (?, 'ready')");
    for (let id = 0; id < jobs; id += 1) insert.run(id);
    db.exec('commit');
    const claim = db.prepare(
      "update jobs set state = 'taken' where id = (select id from jobs where state = 'ready' order by id limit 1) returning id",
    );
    const complete = db.prepare("update jobs set state = 'done' where id = ? and state = 'taken'");
    return {
      work: async () => {
        let done = 0;
        for (let row = claim.get(); row !== undefined; row = claim.get()) {
          done += Number(complete.run(row['id'] ?? null).changes);
        }
        if (done !== jobs) throw new Error(`${done} of ${jobs} done`);
      },
      [Symbol.asyncDispose]: async () => db.close(),
    };
  },
};
