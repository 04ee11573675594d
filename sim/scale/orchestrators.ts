import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/adapters/store/open.ts';
import { decide } from '../../src/core/dispatch/decide.ts';
import { taskId } from '../../src/core/ids.ts';
import type { Claim } from '../../src/core/tasks/ports.ts';
import { runWorld } from '../world.ts';
import { medianOf } from './stored-tasks.ts';

const AGENTS = 4;
const REPEATS = 15;
const LEASE_MS = 3_600_000;

/** What a store costs that so many orchestrators share, on a real SQLite file; times in ms. */
export interface SharedStore {
  readonly orchestrators: number;
  /** Renewing one orchestrator's four leases. */
  readonly heartbeat: number;
  /** Looking whether anybody is dead, which follows each heartbeat. */
  readonly look: number;
  /** A claim that finds nothing ready while everybody is at work. */
  readonly emptyClaim: number;
  readonly claim: number;
}

/** Every orchestrator works on four tasks; one of them is measured. */
export async function measureSharedStore(orchestrators: number): Promise<SharedStore> {
  const directory = await mkdtemp(join(tmpdir(), 'cw-scale-'));
  try {
    await using store = await openStore({ url: `sqlite:${join(directory, 'state.db')}`, project: 'scale' });
    const spare = REPEATS + 1;
    const ids = Array.from({ length: orchestrators * AGENTS + spare }, (_, index) =>
      taskId.parse(`t${index}`),
    );
    const tasks = ids.map((id, order) => ({
      definition: {
        id,
        title: id,
        prompt: id,
        path: {},
        dependsOn: [],
        files: [],
        priority: 50,
        exitCriteria: [],
        onFailure: 'hard' as const,
      },
      order,
      needs: [],
      chain: 1,
    }));
    await store.sync({ tasks, gates: [] }, { path: 'roadmap.yaml', hash: '0' });
    const claim = async (orchestrator: string, freeSlots: number): Promise<readonly Claim[]> => {
      const { claims } = await store.claim({
        orchestrator,
        freeSlots,
        leaseMs: LEASE_MS,
        decide: (snapshot) => decide(snapshot, { accountsOf: () => [] }),
      });
      return claims;
    };
    let held: readonly Claim[] = [];
    for (let number = 0; number < orchestrators; number += 1) {
      const id = `orc${number}`;
      const process = { pid: number + 2, startTime: '1', bootId: 'boot' };
      await store.register({ id, host: `host${number}`, process, version: '0', maxAgents: AGENTS }, LEASE_MS);
      held = await claim(id, AGENTS);
    }
    const self = `orc${orchestrators - 1}`;
    const claimMs = await medianOf(REPEATS, () => claim(self, 1));
    await claim(self, AGENTS);
    return {
      orchestrators,
      heartbeat: await medianOf(REPEATS, () =>
        store.heartbeat(self, { leases: held, names: [], leaseMs: LEASE_MS }),
      ),
      look: await medianOf(REPEATS, async () => {
        await store.orchestrators({ lost: true });
        await store.reclaim([], []);
      }),
      emptyClaim: await medianOf(REPEATS, () => claim(self, 1)),
      claim: claimMs,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What a crowd of simulated orchestrators asks of the database, for each task that it finishes. */
export interface Crowd {
  readonly orchestrators: number;
  readonly tasks: number;
  readonly merges: number;
  readonly readsPerTask: number;
  readonly writesPerTask: number;
  /** Finished tasks in a minute of simulated time. */
  readonly tasksPerMinute: number;
}

/** Lets them work on a plan without faults, and looks at the requests that they make. */
export async function simulateCrowd(orchestrators: number, seed: number, mostSteps: number): Promise<Crowd> {
  const tasks = Math.max(40, orchestrators * AGENTS);
  const report = await runWorld({
    seed,
    orchestrators,
    hosts: orchestrators,
    tasks,
    chaosSteps: 0,
    faults: [],
    crowd: { agents: AGENTS, mostSteps },
  });
  if (report.violation !== undefined)
    throw new Error(`${report.violation.invariant}: ${report.violation.what}`);
  const { merges, reads, writes, simulatedMs } = report;
  return {
    orchestrators,
    tasks,
    merges,
    readsPerTask: reads / Math.max(1, merges),
    writesPerTask: writes / Math.max(1, merges),
    tasksPerMinute: merges / (simulatedMs / 60_000),
  };
}
