import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/adapters/store/open.ts';
import { decide } from '../../src/core/dispatch/decide.ts';
import { objectId, taskId } from '../../src/core/ids.ts';
import type { Plan, PlannedTask } from '../../src/core/roadmap/model.ts';
import type { Claim, Store } from '../../src/core/tasks/ports.ts';
import { Chance } from '../chance.ts';

/** Claims whose cost is measured, each of one task that is then done. */
const CLAIMS = 300;
const REPEATS = 5;
const NEAR = 20;
const LEASE_MS = 3_600_000;

/** What the store costs with so many tasks in it, on a real SQLite file; times in ms. */
export interface StoredTasks {
  readonly tasks: number;
  readonly firstSync: number;
  readonly sameSync: number;
  readonly editSync: number;
  /** To claim one task, to record its start, to record its end. Medians. */
  readonly claim: number;
  readonly start: number;
  readonly end: number;
  /** The slowest of a hundred. */
  readonly slowClaim: number;
  readonly counts: number;
  readonly fileBytes: number;
  /** Resident memory of the process after all that. */
  readonly residentBytes: number;
}

/** Measures one store that holds a plan of that size, of which nine in ten tasks are done. */
export async function measureStoredTasks(tasks: number, seed: number): Promise<StoredTasks> {
  const directory = await mkdtemp(join(tmpdir(), 'cw-scale-'));
  try {
    const file = join(directory, 'state.db');
    await using store = await openStore({ url: `sqlite:${file}`, project: 'scale' });
    const plan = planOf(tasks, new Chance(seed));
    const firstSync = await timed(() => store.sync(plan, source(0)));
    const sameSync = await medianOf(REPEATS, () => store.sync(plan, source(0)));
    let edit = 0;
    const editSync = await medianOf(REPEATS, () => {
      edit += 1;
      return store.sync(edited(plan, edit), source(edit));
    });
    const work = await claimAndFinish(store);
    const counts = await medianOf(REPEATS, () => store.counts());
    return {
      tasks,
      firstSync,
      sameSync,
      editSync,
      ...work,
      counts,
      fileBytes: statSync(file).size,
      residentBytes: process.memoryUsage.rss(),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function source(number: number): { path: string; hash: string } {
  return { path: 'roadmap.yaml', hash: String(number).padStart(64, '0') };
}

/** Each task waits for two of those shortly before it; the first nine tenths were done before. */
function planOf(tasks: number, chance: Chance): Plan {
  const ids = Array.from({ length: tasks }, (_, index) => taskId.parse(`t${index}`));
  const done = Math.floor(tasks * 0.9);
  const open = new Set<number>(
    Array.from({ length: Math.min(CLAIMS + 10, tasks - done) }, (_, i) => done + i),
  );
  return {
    tasks: ids.map(
      (id, order): PlannedTask => ({
        definition: {
          id,
          title: `Title of ${id}`,
          prompt: `Do ${id} as it is described in the documents`,
          path: {},
          dependsOn: [],
          files: [],
          priority: 50,
          exitCriteria: [],
          onFailure: 'hard',
          ...(order < done ? { initialState: 'done' } : {}),
        },
        order,
        needs: open.has(order) || order < NEAR ? [] : near(order, chance).map((index) => ids[index] ?? id),
        chain: Math.max(1, Math.min(1_000, tasks - order)),
      }),
    ),
    gates: [],
  };
}

function near(order: number, chance: Chance): number[] {
  return [...new Set([order - chance.between(1, NEAR), order - chance.between(1, NEAR)])];
}

function edited(plan: Plan, edit: number): Plan {
  const last = plan.tasks.at(-1);
  if (last === undefined) return plan;
  const changed = { ...last, definition: { ...last.definition, prompt: `Do it otherwise, ${edit}` } };
  return { ...plan, tasks: plan.tasks.with(-1, changed) };
}

async function claimAndFinish(
  store: Store,
): Promise<Pick<StoredTasks, 'claim' | 'start' | 'end' | 'slowClaim'>> {
  const times = { claim: [] as number[], start: [] as number[], end: [] as number[] };
  for (let made = 0; made < CLAIMS; made += 1) {
    let claims: readonly Claim[] = [];
    times.claim.push(
      await timed(async () => {
        ({ claims } = await store.claim({
          orchestrator: 'orc_scale',
          freeSlots: 1,
          leaseMs: LEASE_MS,
          decide: (snapshot) => decide(snapshot, { accountsOf: () => [] }),
        }));
      }),
    );
    const [claim] = claims;
    if (claim === undefined) break;
    const { task, attempt } = claim;
    const base = objectId.parse('0'.repeat(40));
    const begun = { task, attempt, branch: `cw/${task}`, worktree: `/${task}`, base, resumed: false };
    times.start.push(await timed(() => store.append(claim, [{ type: 'task.started', ...begun }])));
    const done = { task, attempt, commit: undefined, summary: 'made' };
    times.end.push(await timed(() => store.append(claim, [{ type: 'task.done', ...done }])));
  }
  return {
    claim: quantile(times.claim, 0.5),
    start: quantile(times.start, 0.5),
    end: quantile(times.end, 0.5),
    slowClaim: quantile(times.claim, 0.99),
  };
}

/** How long it takes, ms. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

export async function medianOf(times: number, work: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time += 1) taken.push(await timed(work));
  return quantile(taken, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
