import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoggedEvent } from '../src/core/events/event.ts';
import { fingerprint } from '../test/e2e/fingerprint.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { plainGit } from '../test/support/repo.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';
import { Fleet, type Recruits } from './fleet.ts';
import { makeHostPlan, makeOrigin } from './host-plan.ts';
import { type Violation, violations } from './invariants.ts';
import { GATE, type KillProject, makeKillProject } from './kill-project.ts';

const TASKS = 1_000;
const MEMBERS = 2;
const MAX_AGENTS = 8;
const BRANCH = 'cw/integration';

export const merges: Experiment = {
  about: `${MEMBERS} orchestrators merge a plan of tasks that take milliseconds: in one repository with SQLite, and in two clones of one bare remote with PostgreSQL. Each checkout has changes, staged and not, untracked files and a stash of its person.`,
  async run(options) {
    await using server = await startPostgres();
    const tasks = rounds(TASKS, options.scale);
    const here = await mergesInOneRepository(tasks);
    options.note(`one repository: ${here.merged} merged`);
    const hosts = await mergesOfHosts(tasks, await server.freshDatabase());
    options.note(`two clones: ${hosts.merged} merged`);
    return [
      finding('one repository, SQLite', here, tasks),
      finding('two clones, one remote, PostgreSQL', hosts, tasks),
    ];
  },
};

/** What is in the integration branch after a plan. */
export interface MergesReport {
  /** Tasks whose file is at the head. */
  readonly merged: number;
  readonly lost: number;
  /** How many each orchestrator merged. */
  readonly shares: readonly number[];
  readonly perSecond: number;
  /** Checkouts that are not byte for byte as their person left them. */
  readonly touched: number;
  readonly wrong: readonly Violation[];
}

function finding(name: string, report: MergesReport, tasks: number): Finding {
  const { merged, lost, shares, perSecond, touched, wrong } = report;
  const count = (invariant: string) => wrong.filter((each) => each.invariant === invariant).length;
  const told = wrong.map(({ invariant, what }) => `; ${invariant} ${what}`).join('');
  return {
    what: `${name}: ${tasks} tasks, ${MEMBERS} orchestrators (${shares.join(' + ')} merges)`,
    aim: '0 lost, each merged once, the branch holds recorded merges only, `git fsck` clean, checkouts untouched',
    found: `${lost} lost, ${count('I2')} merged twice or unrecorded, ${wrong.length} violations in all, ${touched} checkouts touched, ${perSecond.toFixed(1)} merges/s${told}`,
    met: merged === tasks && lost === 0 && wrong.length === 0 && touched === 0 && shares.length >= MEMBERS,
  };
}

export async function mergesInOneRepository(tasks: number): Promise<MergesReport> {
  await using plan = await makeKillProject(tasks, undefined, { gated: true, maxAgents: MAX_AGENTS });
  return await measured(plan, {
    recruits: plan,
    roots: [plan.project.repo.root],
    repository: plan.project.repo.root,
    async atRest() {
      await plan.project.cw(['run']);
      return await violations(plan.survivor());
    },
  });
}

/** `database`: URL of an empty one. */
export async function mergesOfHosts(tasks: number, database: string): Promise<MergesReport> {
  await using plan = await makeKillProject(tasks, database, { gated: true, maxAgents: MAX_AGENTS });
  const origin = makeOrigin(plan);
  const hosts = makeHostPlan(
    plan,
    origin,
    Array.from({ length: MEMBERS }, () => ({ database, origin })),
  );
  return await measured(plan, {
    recruits: hosts,
    roots: hosts.roots,
    repository: origin,
    atRest: () => hosts.atRest(),
  });
}

interface Place {
  readonly recruits: Recruits;
  readonly roots: readonly string[];
  /** Where the integration branch is read. */
  readonly repository: string;
  atRest(): Promise<readonly Violation[]>;
}

async function measured(plan: KillProject, place: Place): Promise<MergesReport> {
  const people = place.roots.map((root) => ({
    repo: { root, git: (...args: string[]) => plainGit(root, ...args) },
  }));
  for (const { repo } of people) makeDirty(repo.root);
  const before = people.map(fingerprint);
  let events: readonly LoggedEvent[];
  {
    await using fleet = await Fleet.open(place.recruits, MEMBERS);
    // Nobody merges before all of them hold tasks.
    await fleet.until(
      async () => (await fleet.busy()).filter(({ tasks }) => tasks.length > 0).length === MEMBERS,
    );
    plan.project.allow(GATE);
    await fleet.end();
    events = await fleet.events(0);
  }
  const wrong = await place.atRest();
  const after = people.map(fingerprint);
  const wanted = Object.keys(plan.survivor().accepted);
  const files = new Set(plainGit(place.repository, 'ls-tree', '--name-only', BRANCH).split('\n'));
  const lost = wanted.filter((id) => !files.has(`out-${id}`)).length;
  return {
    merged: wanted.length - lost,
    lost,
    shares: sharesOf(events),
    perSecond: perSecond(events),
    touched: before.filter((each, index) => JSON.stringify(each) !== JSON.stringify(after[index])).length,
    wrong,
  };
}

/** What a person has in a checkout while others merge. */
function makeDirty(root: string): void {
  const write = (path: string, text: string) => writeFileSync(join(root, path), text);
  write('README.md', 'stashed\n');
  plainGit(root, 'stash', 'push', '--quiet');
  write('staged.txt', 'staged\n');
  plainGit(root, 'add', 'staged.txt');
  write('staged.txt', 'staged and changed\n');
  write('README.md', 'changed\n');
  write('mine.txt', 'untracked\n');
}

function sharesOf(events: readonly LoggedEvent[]): readonly number[] {
  const owners = new Map<string, string>();
  const shares = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'task.claimed') owners.set(event.task, event.orchestrator);
    if (event.type !== 'merge.done') continue;
    const owner = owners.get(event.task) ?? '';
    shares.set(owner, (shares.get(owner) ?? 0) + 1);
  }
  return [...shares.values()];
}

/** From the first merge to the last one, by the database's clock. */
function perSecond(events: readonly LoggedEvent[]): number {
  const times = events.flatMap(({ type, at }) => (type === 'merge.done' ? [at] : []));
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  return last > first ? ((times.length - 1) * 1_000) / (last - first) : 0;
}
