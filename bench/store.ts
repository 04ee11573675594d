// What the store costs a task: claim, start and done of tasks that do nothing, besides so many that are done.
//   node bench/store.ts [sqlite|postgres] [tasks] [tasks done before]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../src/adapters/store/open.ts';
import { decide } from '../src/core/dispatch/decide.ts';
import { taskId } from '../src/core/ids.ts';
import type { Plan } from '../src/core/roadmap/model.ts';
import type { Claim, Store } from '../src/core/tasks/ports.ts';
import { startPostgres } from '../test/support/postgres.ts';

const [engine = 'sqlite', count = '1000', before = '0'] = process.argv.slice(2);
const SLOTS = 4;

type Shape = (index: number) => number[];

const SHAPES: Readonly<Record<string, Shape>> = {
  chain: (index) => (index === 0 ? [] : [index - 1]),
  wide: () => [],
  random: (index) =>
    index === 0
      ? []
      : Array.from({ length: 2 }, (_, nth) => Math.floor(index * pseudoRandom(index * 2 + nth))),
};

/** The same numbers in every run, from 0 up to 1. */
function pseudoRandom(seed: number): number {
  const value = Math.sin(seed + 1) * 10_000;
  return value - Math.floor(value);
}

function planOf(size: number, done: number, shape: Shape): Plan {
  const ids = Array.from({ length: size + done }, (_, index) => taskId.parse(`t${index}`));
  return {
    tasks: ids.map((id, order) => ({
      definition: {
        id,
        title: id,
        prompt: `Do ${id}`,
        path: {},
        dependsOn: [],
        files: [],
        priority: 50,
        exitCriteria: [],
        onFailure: 'hard',
        ...(order < size ? {} : { initialState: 'done' }),
      },
      order,
      needs: [...new Set(order < size ? shape(order) : [])].map(
        (index) => ids[index] as (typeof ids)[number],
      ),
      chain: Math.max(size - order, 1),
    })),
    gates: [],
  };
}

async function work(store: Store, { task, attempt, fence }: Claim): Promise<void> {
  const lease = { task, attempt, fence };
  await store.append(lease, [
    {
      type: 'task.started',
      task,
      attempt,
      branch: `cw/${task}`,
      worktree: task,
      base: '0'.repeat(40) as never,
      resumed: false,
    },
  ]);
  await store.append(lease, [{ type: 'task.done', task, attempt, commit: undefined, summary: 'nothing' }]);
}

/** Keeps `SLOTS` tasks in work until none is left. */
async function runAll(store: Store): Promise<number> {
  let running = 0;
  let done = 0;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const dispatch = async () => {
    const freeSlots = SLOTS - running;
    const { claims } = await store.claim({
      orchestrator: 'orc_bench',
      freeSlots,
      leaseMs: 60_000,
      decide: (snapshot) => decide(snapshot, { accountsOf: () => [] }),
    });
    running += claims.length;
    for (const claim of claims) {
      work(store, claim).then(() => {
        running -= 1;
        done += 1;
        dispatching = dispatching.then(dispatch);
        dispatching.catch(reject);
      }, reject);
    }
    if (running === 0 && freeSlots > 0) resolve(done);
  };
  let dispatching = Promise.resolve();
  dispatching = dispatch();
  dispatching.catch(reject);
  return await promise;
}

const dir = await mkdtemp(join(tmpdir(), 'cw-bench-'));
const server = engine === 'postgres' ? await startPostgres({ durable: true }) : undefined;
try {
  for (const [name, shape] of Object.entries(SHAPES)) {
    const url = (await server?.freshDatabase()) ?? `sqlite:${join(dir, `${name}.db`)}`;
    await using store = await openStore({ url, project: 'bench' });
    const plan = planOf(Number(count), Number(before), shape);
    const syncStarted = performance.now();
    await store.sync(plan, { path: 'roadmap.yaml', hash: '' });
    const syncMs = performance.now() - syncStarted;
    const started = performance.now();
    const cpuStarted = process.cpuUsage();
    const done = await runAll(store);
    const ms = performance.now() - started;
    const cpu = process.cpuUsage(cpuStarted);
    const cpuMs = (cpu.user + cpu.system) / 1000;
    console.log(
      `${engine} ${name}: ${done} tasks, ${(ms / done).toFixed(3)} ms a task (${(cpuMs / done).toFixed(3)} of CPU); sync ${syncMs.toFixed(0)} ms`,
    );
  }
} finally {
  await server?.[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
}
