import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { seeded } from '../test/e2e/seeded.ts';
import { type PostgresServer, startPostgres } from '../test/support/postgres.ts';
import { type Experiment, type ExperimentOptions, type Finding, rounds } from './experiment.ts';
import { type Violation, violations } from './invariants.ts';
import { makeKillProject } from './kill-project.ts';
import { type Kills, runUnderFire, VICTIMS } from './killing.ts';

const [TASKS, KILLS, BACKENDS] = [10_000, 500, 200];
/** PostgreSQL is stopped every so many ms, … */
const [OUTAGE_EVERY_MS, OUTAGE_SPREAD_MS] = [5_000, 5_000];
/** … for at most so long. */
const LONGEST_OUTAGE_MS = 2_000;

const ABOUT =
  'A plan of many tasks with agents that take milliseconds, a fifth of them behind another one. Launcher, guardian, orchestrator, all three, or an agent is killed with SIGKILL again and again, spread over the plan by the seed.';

export const kills: Experiment = {
  about: ABOUT,
  run: (options) => round('SQLite', options, { database: undefined }),
};

export const killsOnPostgres: Experiment = {
  about: ABOUT,
  async run(options) {
    // What it was told is on disk must be there when it comes back.
    await using server = await startPostgres({ durable: true });
    return await round('PostgreSQL', options, { database: await server.freshDatabase() });
  },
};

export const killsWithOutages: Experiment = {
  about: `${ABOUT} PostgreSQL itself is stopped and started meanwhile, and backends that write are killed.`,
  async run(options) {
    await using server = await startPostgres({ durable: true });
    const database = await server.freshDatabase();
    return await round('PostgreSQL with outages', options, { database, server });
  },
};

/** One plan under fire; what it came to. */
export interface FireReport {
  readonly kills: Kills;
  readonly attempts: number;
  readonly outages: number;
  readonly backends: number;
  readonly wrong: readonly Violation[];
}

async function round(
  name: string,
  { seed, scale, note }: ExperimentOptions,
  where: { database: string | undefined; server?: PostgresServer },
): Promise<Finding[]> {
  const [tasks, wanted] = [rounds(TASKS, scale), rounds(KILLS, scale)];
  const startedAt = performance.now();
  const report = await underFire({
    ...where,
    tasks,
    wanted,
    backends: rounds(BACKENDS, scale),
    seed,
    note: (line) => note(`${name}: ${line}`),
  });
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const hit = VICTIMS.reduce((sum, victim) => sum + report.kills[victim], 0);
  const whom = VICTIMS.map((victim) => `${report.kills[victim]} ${victim}`).join(', ');
  const { outages, backends } = report;
  const besides = where.server === undefined ? '' : `, ${outages} outages, ${backends} killed backends`;
  const count = (...invariants: string[]) =>
    report.wrong.filter(({ invariant }) => invariants.includes(invariant)).length;
  const rest = report.wrong.length - count('I1', 'I2', 'I4');
  return [
    {
      what: `${name}: ${tasks} tasks, ${hit} kills (${whom})${besides}`,
      aim: `${wanted} kills; 0 lost, 0 merged twice, 0 overlapping attempts`,
      found: `${count('I1')} lost, ${count('I2')} merged twice, ${count('I4')} overlapping, ${rest} other violations in ${report.attempts} attempts, ${seconds} s${told(report.wrong)}`,
      met: report.wrong.length === 0 && hit >= wanted,
    },
  ];
}

function told(wrong: readonly Violation[]): string {
  return wrong.length === 0
    ? ''
    : `: ${wrong.map(({ invariant, what }) => `${invariant} ${what}`).join('; ')}`;
}

/** Runs one plan to its end under kills, and looks at what is there then. */
export async function underFire(options: {
  readonly database: string | undefined;
  /** Given: it is stopped and started, and its backends are killed. */
  readonly server?: PostgresServer;
  readonly tasks: number;
  readonly wanted: number;
  readonly backends: number;
  readonly seed: number;
  readonly note: (line: string) => void;
}): Promise<FireReport> {
  const { database, server, tasks, wanted, seed, note } = options;
  await using plan = await makeKillProject(tasks, database);
  const over = new AbortController();
  const disturbing =
    server === undefined || database === undefined
      ? undefined
      : disturb(server, database, {
          backends: options.backends,
          random: seeded(seed + 1),
          signal: over.signal,
        });
  let hits: Kills;
  let disturbed = { outages: 0, backends: 0 };
  try {
    hits = await runUnderFire(plan.project, { tasks, wanted, random: seeded(seed), note });
  } finally {
    over.abort();
    disturbed = (await disturbing) ?? disturbed;
  }
  const survivor = plan.survivor();
  return { kills: hits, attempts: survivor.marks.length, ...disturbed, wrong: await violations(survivor) };
}

/** Stops the server now and then, and between that kills backends that are in the middle of a write. */
async function disturb(
  server: PostgresServer,
  database: string,
  options: { backends: number; random: (limit: number) => number; signal: AbortSignal },
): Promise<{ outages: number; backends: number }> {
  const { random, signal } = options;
  let [outages, backends] = [0, 0];
  while (!signal.aborted) {
    const until = performance.now() + OUTAGE_EVERY_MS + random(OUTAGE_SPREAD_MS);
    while (!signal.aborted && performance.now() < until) {
      await pause(50 + random(200), undefined, { signal }).catch(() => {});
      if (backends < options.backends && !signal.aborted) backends += await killWriter(database);
    }
    if (signal.aborted) break;
    await server.outage(random(LONGEST_OUTAGE_MS));
    outages += 1;
  }
  return { outages, backends };
}

/** Ends one connection whose transaction is open; returns how many it hit. */
async function killWriter(database: string): Promise<number> {
  const url = new URL(database);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  const client = new pg.Client(url.href);
  try {
    await client.connect();
    // A write takes milliseconds: looked for until one is under way.
    for (let tries = 0; tries < 40; tries += 1) {
      const { rows } = await client.query(
        `select pg_terminate_backend(pid) as hit from pg_stat_activity
         where datname = $1 and xact_start is not null and pid <> pg_backend_pid() limit 1`,
        [name],
      );
      if (rows.length > 0) return rows.filter(({ hit }: { hit: boolean }) => hit).length;
    }
    return 0;
  } catch {
    // The server is away.
    return 0;
  } finally {
    await client.end().catch(() => {});
  }
}
