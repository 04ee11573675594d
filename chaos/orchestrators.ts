import { setTimeout as pause } from 'node:timers/promises';
import type { LoggedEvent } from '../src/core/events/event.ts';
import type { TaskId } from '../src/core/ids.ts';
import { seeded } from '../test/e2e/seeded.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { type Experiment, type ExperimentOptions, type Finding, rounds } from './experiment.ts';
import { Fleet, type HeldTask, killFamily, signal } from './fleet.ts';
import { type Violation, violations } from './invariants.ts';
import { type KillProject, makeKillProject } from './kill-project.ts';

const [DEATHS, STOPS] = [20, 100];
/** Of the work of a dead orchestrator, until an agent of another one is at it, ms. */
const TAKEOVER_AIM_MS = 15_000;
const MEMBERS = 5;
/** How many of them are harmed at once; one is left to take over. */
const [DYING, STOPPING] = [3, 4];
/** An agent is long enough at work to be met by whoever takes over too early. */
const WORK_S = 1.5;
/** The harness gives a program two minutes: a plan has so many harms at most. */
const [DEATHS_A_PLAN, STOPS_A_PLAN] = [6, 24];
const SHORT_LEASE = { leaseMs: 1_000, heartbeatMs: 300 };
const LEASE = { leaseMs: 10_000, heartbeatMs: 3_000 };

type Harm = 'killed' | 'cut off';

export const orchestrators: Experiment = {
  about: `${MEMBERS} orchestrators on one database. Some are killed with all that they started, some stop answering (SIGSTOP, never continued), with the default lease; then some are stopped past a lease of 1 s and continued, ${STOPPING} of ${MEMBERS} at once.`,
  async run(options) {
    await using server = await startPostgres({ durable: true });
    const engines = [
      { name: 'SQLite', database: async () => undefined },
      { name: 'PostgreSQL', database: () => server.freshDatabase() },
    ];
    // They mostly wait.
    const findings = engines.map(async (engine) => [
      await takeovers(engine, 'killed', options),
      await takeovers(engine, 'cut off', options),
      await wakeups(engine, options),
    ]);
    return (await Promise.all(findings)).flat();
  },
};

interface Database {
  readonly name: string;
  /** A new one; absent: SQLite. */
  readonly database: () => Promise<string | undefined>;
}

async function takeovers(engine: Database, harm: Harm, options: ExperimentOptions): Promise<Finding> {
  const wanted = rounds(DEATHS, options.scale);
  const tookMs: number[] = [];
  const wrong: Violation[] = [];
  for (let plan = 0; tookMs.length < wanted && plan < wanted; plan += 1) {
    const most = Math.min(DEATHS_A_PLAN, wanted - tookMs.length);
    const database = await engine.database();
    const report = await takeoversOfPlan({ database, harm, most, seed: options.seed + plan });
    tookMs.push(...report.tookMs);
    wrong.push(...report.wrong);
    options.note(`${engine.name}: ${tookMs.length} of ${wanted} ${harm}`);
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number) =>
    `${((sorted[Math.ceil(sorted.length * share) - 1] ?? 0) / 1_000).toFixed(1)} s`;
  return {
    what: `${engine.name}: ${sorted.length} orchestrators ${harm} with agents at work`,
    aim: `all of their tasks run elsewhere within ${TAKEOVER_AIM_MS / 1_000} s`,
    found: `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}${told(wrong)}`,
    met: wrong.length === 0 && sorted.length >= wanted && (sorted.at(-1) ?? 0) <= TAKEOVER_AIM_MS,
  };
}

/** From each death until agents of others were at all tasks of the dead, ms. */
export async function takeoversOfPlan(options: {
  database: string | undefined;
  harm: Harm;
  most: number;
  seed: number;
  lease?: { leaseMs: number; heartbeatMs: number };
}): Promise<{ tookMs: readonly number[]; wrong: readonly Violation[] }> {
  const { database, harm, most, seed, lease = LEASE } = options;
  const random = seeded(seed);
  await using plan = await makeKillProject(10 + most * 14, database, { workS: WORK_S, maxAgents: 2, lease });
  const tookMs: number[] = [];
  await using fleet = await Fleet.open(plan, MEMBERS);
  while (tookMs.length < most && !(await fleet.isOver())) {
    await pause(random(1_500));
    // Before the look, so that no end of a task falls between the two.
    const since = await fleet.store.head();
    const victims = (await fleet.busy())
      .filter(({ tasks }) => tasks.length > 0)
      .slice(0, Math.min(DYING, most - tookMs.length));
    const diedAt = Date.now();
    for (const { one } of victims) {
      if (harm === 'killed') killFamily(one);
      else signal(one.process.pid, 'SIGSTOP');
    }
    for (const { tasks } of victims) {
      const startedAt = await restarted(fleet, since, tasks);
      tookMs.push(startedAt === undefined ? Number.POSITIVE_INFINITY : Math.max(0, startedAt - diedAt));
    }
    if (harm === 'cut off') for (const { one } of victims) killFamily(one);
    for (const _ of victims) await fleet.enlist();
  }
  await atRest(fleet, plan);
  return { tookMs, wrong: await violations(plan.survivor()) };
}

/** When the last of the tasks was at work under another attempt, or over; absent when that never came. */
async function restarted(
  fleet: Fleet,
  since: number,
  tasks: readonly HeldTask[],
): Promise<number | undefined> {
  const at = new Map<TaskId, number>();
  await fleet.until(async () => {
    for (const event of await fleet.events(since)) {
      if (event.type !== 'agent.started' && event.type !== 'task.done') continue;
      const held = tasks.find(({ id }) => id === event.task);
      const isBack = held !== undefined && (event.type === 'task.done' || event.attempt > held.attempt);
      if (isBack && !at.has(event.task)) at.set(event.task, event.at);
    }
    return at.size === tasks.length;
  });
  return at.size === tasks.length ? Math.max(...at.values()) : undefined;
}

async function wakeups(engine: Database, options: ExperimentOptions): Promise<Finding> {
  const wanted = rounds(STOPS, options.scale);
  const sum = { woken: 0, stale: 0, refused: 0, attempts: 0 };
  const wrong: Violation[] = [];
  for (let plan = 0; sum.woken < wanted && plan < wanted; plan += 1) {
    const most = Math.min(STOPS_A_PLAN, wanted - sum.woken);
    const report = await wakeupsOfPlan({
      database: await engine.database(),
      most,
      seed: options.seed + plan,
    });
    sum.woken += report.woken;
    sum.stale += report.stale;
    sum.refused += report.refused;
    sum.attempts += report.attempts;
    wrong.push(...report.wrong);
    options.note(`${engine.name}: ${sum.woken} of ${wanted} woken after their lease`);
  }
  const overlapping = wrong.filter(({ invariant }) => invariant === 'I4').length;
  const inRefs = wrong.filter(({ invariant }) => invariant === 'I2' || invariant === 'I7').length;
  return {
    what: `${engine.name}: ${sum.woken} stopped past their lease and continued, ${sum.attempts} attempts`,
    aim: `${wanted} wake-ups; 0 stale writes accepted in store or ref, refused ones logged with both fences, 0 overlapping attempts`,
    found: `${sum.stale} stale writes in the store, ${inRefs} in refs, ${sum.refused} refused and logged, ${overlapping} overlapping${told(wrong)}`,
    met: sum.woken >= wanted && sum.stale === 0 && wrong.length === 0,
  };
}

/** What came of orchestrators that were stopped past their lease and continued. */
export interface WakeupReport {
  /** How many fenced themselves after they were continued. */
  readonly woken: number;
  /** Facts in the log that an attempt wrote after its task had been taken from it. */
  readonly stale: number;
  readonly refused: number;
  readonly attempts: number;
  readonly wrong: readonly Violation[];
}

export async function wakeupsOfPlan(options: {
  database: string | undefined;
  most: number;
  seed: number;
}): Promise<WakeupReport> {
  const { database, most, seed } = options;
  const random = seeded(seed);
  const lease = SHORT_LEASE;
  await using plan = await makeKillProject(12 + most * 6, database, { workS: WORK_S, maxAgents: 2, lease });
  await using fleet = await Fleet.open(plan, MEMBERS);
  let woken = 0;
  while (woken < most && !(await fleet.isOver())) {
    await pause(200 + random(600));
    const victims = (await fleet.busy()).slice(0, Math.min(STOPPING, most - woken)).map(({ one }) => one);
    const since = await fleet.store.head();
    for (const { process } of victims) {
      signal(process.pid, 'SIGSTOP');
      await pause(random(100));
    }
    // One that is stopped while it holds SQLite's lock keeps all others waiting, until it is continued.
    await fleet.until(() => haveAll(fleet, since, 'orchestrator.lost', victims), 4 * lease.leaseMs);
    await pause(random(300));
    for (const { process } of victims) signal(process.pid, 'SIGCONT');
    await fleet.until(() => haveAll(fleet, since, 'orchestrator.fenced', victims), 10 * lease.leaseMs);
    woken += (await named(fleet, since, 'orchestrator.fenced')).size;
  }
  await atRest(fleet, plan);
  const events = await fleet.events(0);
  const refused = events.filter(({ type }) => type === 'write.refused').length;
  const survivor = plan.survivor();
  return {
    woken,
    stale: staleFacts(events),
    refused,
    attempts: survivor.marks.length,
    wrong: await violations(survivor),
  };
}

/** Killed between the end of a task and the end of its worktree, an orchestrator leaves that to the next run. */
async function atRest(fleet: Fleet, plan: KillProject): Promise<void> {
  await fleet.end();
  await plan.project.cw(['run']);
}

async function named(
  fleet: Fleet,
  since: number,
  type: 'orchestrator.lost' | 'orchestrator.fenced',
): Promise<ReadonlySet<string>> {
  const events = await fleet.events(since);
  return new Set(
    events.flatMap((event) =>
      event.type === type && 'orchestrator' in event ? [event.orchestrator as string] : [],
    ),
  );
}

async function haveAll(
  fleet: Fleet,
  since: number,
  type: 'orchestrator.lost' | 'orchestrator.fenced',
  victims: readonly { readonly id: string }[],
): Promise<boolean> {
  const found = await named(fleet, since, type);
  return victims.every(({ id }) => found.has(id));
}

/** Facts about an attempt that came after its task was given back, or claimed again. */
export function staleFacts(events: readonly LoggedEvent[]): number {
  const current = new Map<TaskId, number | undefined>();
  let stale = 0;
  for (const event of events) {
    if (event.type === 'write.refused' || !('attempt' in event)) continue;
    if (event.type === 'task.claimed') {
      current.set(event.task, event.attempt);
      continue;
    }
    if (current.get(event.task) !== event.attempt) stale += 1;
    if (event.type === 'task.released' || event.type === 'task.retried' || event.type === 'task.failed')
      current.set(event.task, undefined);
  }
  return stale;
}

function told(wrong: readonly Violation[]): string {
  return wrong.length === 0
    ? ''
    : `: ${wrong.map(({ invariant, what }) => `${invariant} ${what}`).join('; ')}`;
}
