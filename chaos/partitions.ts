import { setTimeout as pause } from 'node:timers/promises';
import { processTable } from '../src/adapters/process/process-table.ts';
import type { LoggedEvent } from '../src/core/events/event.ts';
import type { OrchestratorRecord } from '../src/core/tasks/task.ts';
import { seeded } from '../test/e2e/seeded.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { type Experiment, type ExperimentOptions, type Finding, rounds } from './experiment.ts';
import { Fleet } from './fleet.ts';
import { serveGit, stalePushes } from './git-server.ts';
import { makeHostPlan, makeOrigin } from './host-plan.ts';
import type { Violation } from './invariants.ts';
import { makeKillProject } from './kill-project.ts';
import { staleFacts } from './orchestrators.ts';
import { CUTS, type Cut, TcpProxy } from './tcp-proxy.ts';

const PARTITIONS = 100;
/** So many pairs of hosts at once, … */
const PAIRS = 4;
/** … and so many partitions of one pair. */
const PARTITIONS_A_PLAN = 13;
const TASKS_A_PARTITION = 12;
const LEASE = { leaseMs: 1_500, heartbeatMs: 400 };
/** An agent is long enough at work to be met by whoever takes over too early. */
const WORK_S = 0.7;

/** What a host is cut off from. */
export const SIDES = ['database', 'remote', 'both'] as const;
export type Side = (typeof SIDES)[number];

export const partitions: Experiment = {
  about: `Pairs of hosts with a clone each, one PostgreSQL and one git remote behind \`git daemon\`; they take themselves for two machines. One host of each pair is cut off from the database, the remote or both for longer than its lease of ${LEASE.leaseMs / 1_000} s, and heals: its connections stall and everything gets through afterwards, or all is swallowed, or they are reset. The remote writes down every transaction of its refs.`,
  async run(options) {
    const wanted = rounds(PARTITIONS, options.scale);
    await using server = await startPostgres();
    const sum = emptyReport();
    let planned = 0;
    let plan = 0;
    const pair = async () => {
      while (planned < wanted) {
        const most = Math.min(PARTITIONS_A_PLAN, wanted - planned);
        planned += most;
        plan += 1;
        const seed = options.seed * 1_000 + plan;
        const report = await partitionsOfPlan({ database: await server.freshDatabase(), most, seed });
        planned -= most - report.cuts.length;
        add(sum, report);
        options.note(`${sum.cuts.length} of ${wanted} healed, ${sum.refused} writes refused`);
      }
    };
    await Promise.all(Array.from({ length: PAIRS }, pair));
    return findings(sum, wanted, options);
  },
};

/** What came of hosts that were cut off and back again. */
export interface PartitionsReport {
  readonly cuts: { readonly side: Side; readonly how: Cut }[];
  /** Cuts in which the host lost its tasks to the other one, or had to give them up. */
  overtaken: number;
  /** Facts in the log that an attempt wrote after its task had been taken from it. */
  stale: number;
  /** Writes that were refused, each in the log with both fences. */
  refused: number;
  attempts: number;
  merges: number;
  /** Pushes of overtaken attempts that the remote took. */
  readonly stalePushes: string[];
  readonly wrong: Violation[];
}

function emptyReport(): PartitionsReport {
  return { cuts: [], overtaken: 0, stale: 0, refused: 0, attempts: 0, merges: 0, stalePushes: [], wrong: [] };
}

function add(sum: PartitionsReport, report: PartitionsReport): void {
  sum.cuts.push(...report.cuts);
  sum.stalePushes.push(...report.stalePushes);
  sum.wrong.push(...report.wrong);
  for (const name of ['overtaken', 'stale', 'refused', 'attempts', 'merges'] as const)
    sum[name] += report[name];
}

function findings(sum: PartitionsReport, wanted: number, { note }: ExperimentOptions): Finding[] {
  const tally = <T extends string>(names: readonly T[], of: (cut: PartitionsReport['cuts'][number]) => T) =>
    names.map((name) => `${sum.cuts.filter((cut) => of(cut) === name).length} ${name}`).join(', ');
  const sides = tally(SIDES, ({ side }) => side);
  const ways = tally(CUTS, ({ how }) => how);
  for (const each of sum.stalePushes) note(each);
  const inGit = sum.wrong.filter(({ invariant }) => invariant === 'I2' || invariant === 'I7').length;
  const overlapping = sum.wrong.filter(({ invariant }) => invariant === 'I4').length;
  const told = sum.wrong.map(({ invariant, what }) => `; ${invariant} ${what}`).join('');
  return [
    {
      what: `${sum.cuts.length} partitions (${sides}; ${ways}), ${sum.attempts} attempts, ${sum.merges} merges`,
      aim: `${wanted} partitions; 0 stale writes accepted in the store, in refs or in pushes, 0 overlapping attempts, each task merged once`,
      found: `${sum.stale} stale writes in the store, ${sum.stalePushes.length} stale pushes, ${inGit} wrong merges, ${overlapping} overlapping, ${sum.wrong.length} violations in all${told}`,
      met:
        sum.cuts.length >= wanted &&
        sum.stale === 0 &&
        sum.stalePushes.length === 0 &&
        sum.wrong.length === 0,
    },
    {
      what: 'hosts that lost their tasks meanwhile',
      aim: 'what they still write is refused, and logged with both fences',
      found: `${sum.overtaken} of ${sum.cuts.length}; ${sum.refused} writes refused and logged`,
      met: undefined,
    },
  ];
}

/** `cuts` are taken in turn; without them chance decides. */
export async function partitionsOfPlan(options: {
  database: string;
  most: number;
  seed: number;
  tasks?: number;
  cuts?: readonly { side: Side; how: Cut }[];
}): Promise<PartitionsReport> {
  const { database, most, seed, tasks = 10 + most * TASKS_A_PARTITION } = options;
  const random = seeded(seed);
  await using plan = await makeKillProject(tasks, database, { workS: WORK_S, maxAgents: 2, lease: LEASE });
  const origin = makeOrigin(plan);
  await using git = await serveGit(origin);
  const direct = new URL(database);
  await using toDatabase = await TcpProxy.open(Number(direct.port));
  await using toRemote = await TcpProxy.open(git.port);
  const through = new URL(database);
  through.port = String(toDatabase.port);
  const remoteAt = (port: number) => `git://127.0.0.1:${port}${git.path}`;
  const hosts = makeHostPlan(plan, origin, [
    { database: through.href, origin: remoteAt(toRemote.port) },
    { database, origin: remoteAt(git.port) },
  ]);
  const report = emptyReport();
  let events: readonly LoggedEvent[];
  {
    await using fleet = await Fleet.open(hosts, 2);
    while (report.cuts.length < most && !(await fleet.isOver())) {
      const victim = await atWork(fleet);
      if (victim === undefined) break;
      await pause(random(1_000));
      const { side, how } = options.cuts?.[report.cuts.length] ?? {
        side: SIDES[random(SIDES.length)] ?? 'both',
        how: CUTS[random(CUTS.length)] ?? 'stall',
      };
      const since = await fleet.store.head();
      if (side !== 'remote') toDatabase.cut(how);
      if (side !== 'database') toRemote.cut(how);
      await pause(LEASE.leaseMs * 1.3 + random(1_000));
      if (side !== 'remote') await fleet.until(() => isLost(fleet, since, victim), 4 * LEASE.leaseMs);
      toDatabase.heal();
      toRemote.heal();
      report.cuts.push({ side, how });
      if (await isLost(fleet, since, victim)) report.overtaken += 1;
    }
    await fleet.end();
    events = await fleet.events(0);
  }
  report.wrong.push(...(await hosts.atRest()));
  report.stale = staleFacts(events);
  report.refused = events.filter(({ type }) => type === 'write.refused').length;
  report.merges = events.filter(({ type }) => type === 'merge.done').length;
  report.attempts = events.filter(({ type }) => type === 'task.claimed').length;
  report.stalePushes.push(...stalePushes(origin));
  return report;
}

/** The orchestrator of the first host, once its agents are at work; absent when that does not come to be. */
async function atWork(fleet: Fleet): Promise<OrchestratorRecord | undefined> {
  let found: OrchestratorRecord | undefined;
  await fleet.until(async () => {
    const table = processTable();
    const busy = (await fleet.busy()).filter(({ tasks }) => tasks.length > 0);
    found = busy.find(({ one }) => table.row(one.process.pid)?.pgid === fleet.launchers[0])?.one;
    return found !== undefined || (await fleet.isOver());
  });
  return found;
}

async function isLost(fleet: Fleet, since: number, { id }: OrchestratorRecord): Promise<boolean> {
  const events = await fleet.events(since);
  return events.some((event) => event.type === 'orchestrator.lost' && event.orchestrator === id);
}
