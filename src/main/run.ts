import { join } from 'node:path';
import { ShellCommandRunner } from '../adapters/command-runner/run-command.ts';
import { GitReadingCopies } from '../adapters/git/reading-copies.ts';
import type { Repository } from '../adapters/git/repository.ts';
import type { SharedTasks } from '../adapters/git/shared-tasks.ts';
import { GitWorkspaces } from '../adapters/git/workspaces.ts';
import { FileAttemptLogs } from '../adapters/logs/attempt-logs.ts';
import { ProcessLauncher } from '../adapters/process/launcher.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { systemIds } from '../adapters/system/ids.ts';
import { DirectoryWatcher } from '../adapters/watch/directory-watcher.ts';
import type { PlanningService } from '../core/api/parts.ts';
import type { Engine } from '../core/attempts/engine.ts';
import type { Config } from '../core/config/schema.ts';
import { crashPoint } from '../core/crash-points.ts';
import { accountsOf } from '../core/dispatch/accounts-of.ts';
import { decide } from '../core/dispatch/decide.ts';
import { guarded } from '../core/dispatch/guarded.ts';
import type { Onlooker } from '../core/dispatch/onlooker.ts';
import { Orchestrator, type RunEnd } from '../core/dispatch/orchestrator.ts';
import { Slots } from '../core/dispatch/slots.ts';
import { Tenure, TenureOverError } from '../core/dispatch/tenure.ts';
import type { AgentDoors } from '../core/door/ports.ts';
import type { EventBus } from '../core/events/bus.ts';
import type { LoggedEvent } from '../core/events/event.ts';
import type { TaskId } from '../core/ids.ts';
import { Adviser } from '../core/inbox/adviser.ts';
import { MergeQueue } from '../core/merging/merge-queue.ts';
import { FinishedPlans } from '../core/planning/finished-plans.ts';
import type { Proposals } from '../core/planning/ports.ts';
import { Accounts } from '../core/resilience/accounts.ts';
import { needsPerson, tryAgain } from '../core/resilience/breaker.ts';
import { Budgets } from '../core/resilience/budgets.ts';
import type { RoadmapSource } from '../core/syncing/ports.ts';
import { RoadmapSync } from '../core/syncing/roadmap-sync.ts';
import type { Counts, Store } from '../core/tasks/ports.ts';
import { sparingly } from '../core/tasks/sparingly.ts';
import type { Task } from '../core/tasks/task.ts';
import { agentDoors } from './agent-doors.ts';
import { agentEnv, NO_COLLECTION } from './agent-env.ts';
import { type BootReport, boot } from './boot.ts';
import { LocalCrew } from './crew.ts';
import { endMergedWorktrees } from './end-merged-worktrees.ts';
import { localProvisioner } from './local-provisioner.ts';
import { PlanWatch } from './planning/plan-watch.ts';
import { Replanner } from './planning/replanner.ts';
import { makeShutters, sandboxNotice } from './sandboxes.ts';
import { integrationOf } from './shared-repository.ts';
import { bury } from './takeover.ts';

/** Where the system cannot watch the roadmap, it is looked at so often. */
const WITHOUT_WATCH_MS = 1_000;

/** A project that a command has opened. */
export interface OpenProject {
  readonly repository: Repository;
  readonly config: Config;
  readonly store: Store;
  readonly bus: EventBus;
}

export interface RunOptions {
  readonly project: OpenProject;
  /** The roadmap to follow; absent: only what the store holds already. */
  readonly roadmap?: FollowedRoadmap;
  /** How plans are made, kept and applied; absent: this run makes none. */
  readonly planning?: RunPlanning;
  /** Wait for more when nothing can run, until the signal comes. */
  readonly stays?: boolean;
  /** See `OrchestratorOptions`. */
  readonly onlooker?: Onlooker;
  readonly version: string;
  readonly maxAgents?: number;
  readonly only?: readonly TaskId[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly onBoot?: (report: BootReport) => void;
  /** Events in order, each with the counts as they are then. */
  readonly onEvents?: (events: readonly LoggedEvent[], counts: Counts) => void;
  /** Something worth a line that is no event, such as a log file that cannot be written. */
  readonly onNotice?: (message: string) => void;
}

export interface RunPlanning extends Proposals, Pick<PlanningService, 'begin'> {
  /** What came of a task's work so far, as a bounded diff. */
  workOf(task: Task): Promise<string>;
}

/** The roadmap file that a run follows. */
export interface FollowedRoadmap {
  readonly source: RoadmapSource;
  /** Absolute. */
  readonly file: string;
  /** See `Copy.place`. */
  readonly place: string;
}

export interface RunSummary {
  readonly end: RunEnd;
  readonly counts: Counts;
  /** Number of the last event before this run; what came after belongs to it. */
  readonly since: number;
}

/** Who was told to stop waits no longer than this for a database that does not answer, ms. */
const STOP_WAIT_MS = 30_000;

/**
 * Runs a project until nothing more can run or the signal comes: clears up after a crash, syncs the roadmap,
 * dispatches. When it returns, nothing that it started is running and every fact is in the store. An orchestrator that
 * loses its leases ends its work and is followed by a new one, as often as that happens.
 */
export async function runProject(options: RunOptions): Promise<RunSummary> {
  const { project, signal } = options;
  const { store, config } = project;
  const since = await store.head();
  const lasting = await makeLasting(options);
  await using _doors = lasting.doors;
  store.waitFor(config.lease.storeGraceMs);
  const hurry = () => store.waitFor(STOP_WAIT_MS);
  signal.addEventListener('abort', hurry, { once: true });
  const following = new AbortController();
  let follower: Promise<void> | undefined;
  const onBoot = (report: BootReport) => {
    if (follower !== undefined) return;
    options.onBoot?.(report);
    if (lasting.unsafe !== undefined) options.onNotice?.(lasting.unsafe);
    follower = follow(options, since, following.signal);
  };
  let end: RunEnd;
  try {
    do end = await runOrchestrator(options, lasting, onBoot);
    while (end.kind === 'fenced' && !signal.aborted);
    crashPoint('run.ended');
  } finally {
    signal.removeEventListener('abort', hurry);
    following.abort();
    await follower;
  }
  return { end: end.kind === 'fenced' ? { kind: 'stopped' } : end, counts: await store.counts(), since };
}

/** One orchestrator, from its registration until it ends or loses its leases. */
async function runOrchestrator(
  options: RunOptions,
  lasting: Lasting,
  onBoot: (report: BootReport) => void,
): Promise<RunEnd> {
  const { store, config } = options.project;
  const id = systemIds.next('orc');
  const tenure = new Tenure({ orchestrator: id, store, clock: systemClock, lease: config.lease });
  const engine = assemble(options, lasting, tenure, id);
  const { maxAgents } = lasting;
  let end: RunEnd = { kind: 'stopped' };
  try {
    const { leaseMs } = config.lease;
    onBoot(await boot(store, { id, version: options.version, maxAgents, leaseMs }));
    tenure.start();
    await prepareProject(options, lasting, engine);
    const orchestrator = new Orchestrator(engine, {
      maxAgents,
      decide: (snapshot) =>
        decide(snapshot, {
          accountsOf: (task) => accountsOf(task, engine.crew, engine.config),
          ...(config.review.maxWaiting === undefined ? {} : { maxWaiting: config.review.maxWaiting }),
        }),
      ...(options.only === undefined ? {} : { only: new Set(options.only) }),
      stays: options.stays ?? false,
      ...(options.onlooker === undefined ? {} : { onlooker: options.onlooker }),
      onEnded: (task, end) => {
        if (end === 'done') roadmap?.taskDone();
        planning.taskEnded(task, end);
      },
      beforeEnd: async () => {
        await roadmap?.ensureFresh('safety');
        await planning.beforeEnd();
      },
      adviser: new Adviser({
        ...engine,
        maxAgents,
        reading: new GitReadingCopies(options.project.repository),
      }),
    });
    const planning = planWatch(options, engine);
    await using roadmap = roadmapSync(options, engine, () => orchestrator.idleAgents);
    await roadmap?.start();
    end = await orchestrator.run(options.signal);
  } catch (error) {
    if (!(error instanceof TenureOverError)) throw error;
    end = { kind: 'fenced', reason: error.message, tasks: [] };
  } finally {
    await tenure[Symbol.asyncDispose]();
    if (end.kind === 'fenced') await store.fence(id, end);
    else await store.deregister(id, reasonOf(end));
  }
  return end;
}

function reasonOf(end: RunEnd): string {
  return end.kind === 'stopped' && end.by !== undefined ? `asked by ${end.by}` : end.kind;
}

/** What a run does once, by its first orchestrator that comes through with it. */
async function prepareProject(options: RunOptions, lasting: Lasting, engine: Engine): Promise<void> {
  if (lasting.isPrepared) return;
  const { store, repository } = options.project;
  for (const repaired of await engine.workspaces.repair()) options.onNotice?.(repaired);
  for (const kept of await endMergedWorktrees(engine, repository)) options.onNotice?.(kept);
  crashPoint('boot.repaired');
  await tryRefusedAgain(store);
  lasting.isPrepared = true;
}

/** What outlives a single orchestrator of a run. */
interface Lasting
  extends Pick<Engine, 'accounts' | 'budgets' | 'logs' | 'env' | 'sandboxes' | 'integration'> {
  /** Where hosts share the repository. */
  readonly tasks: SharedTasks | undefined;
  readonly maxAgents: number;
  readonly confiner: ReturnType<typeof makeShutters>['confiner'];
  readonly doors: AgentDoors & AsyncDisposable;
  /** What people should know about how agents are shut in. */
  readonly unsafe: string | undefined;
  isPrepared: boolean;
}

async function makeLasting({ project, env, maxAgents, onNotice }: RunOptions): Promise<Lasting> {
  const { repository, config, store } = project;
  const { sandboxes, confiner, availability } = makeShutters({ config, repository, env });
  return {
    ...(await integrationOf(repository, config, env)),
    maxAgents: maxAgents ?? config.maxAgents,
    sandboxes,
    confiner,
    unsafe: await sandboxNotice(config, availability),
    env: { ...NO_COLLECTION, ...agentEnv(env, config.sandbox.env) },
    accounts: new Accounts({ store, config, random: () => systemIds.random() }),
    budgets: new Budgets({ store, config, clock: systemClock }),
    logs: new FileAttemptLogs(join(repository.root, '.codewalk', 'state', 'logs'), (error) =>
      onNotice?.(`A log file cannot be written: ${error.message}`),
    ),
    doors: agentDoors({ config, onNotice: (message) => onNotice?.(message) }),
    isPrepared: false,
  };
}

/** What orchestrators of this process work with, for whoever runs attempts by itself. */
export async function openWorkshop(
  options: Pick<RunOptions, 'project' | 'version' | 'env' | 'maxAgents' | 'onNotice' | 'signal'>,
): Promise<{ engine(tenure: Tenure, orchestrator: string): Engine } & AsyncDisposable> {
  const lasting = await makeLasting(options);
  return {
    engine: (tenure, orchestrator) => assemble(options, lasting, tenure, orchestrator),
    [Symbol.asyncDispose]: () => lasting.doors[Symbol.asyncDispose](),
  };
}

/** What keeps the plan equal to the file during this run; undefined when no file is followed. */
function roadmapSync(
  { roadmap, onNotice }: RunOptions,
  { store, config, clock, orchestrator }: Engine,
  idleAgents: () => number,
): RoadmapSync | undefined {
  if (roadmap === undefined) return undefined;
  const { source, place, file } = roadmap;
  const watcher = new DirectoryWatcher(file, {
    fallbackMs: Math.min(config.roadmap.pollMs, WITHOUT_WATCH_MS),
    onFallback: (reason) => onNotice?.(`${source.path} is looked at now and then: ${reason}`),
  });
  const settings = config.roadmap;
  return new RoadmapSync({
    ...{ source, place, store, watcher, clock, settings, orchestrator, idleAgents },
    onNotice: (message) => onNotice?.(message),
  });
}

/** What is to be done about plans when tasks end. A run of chosen tasks plans nothing, and says nothing of the rest. */
function planWatch({ planning, roadmap, only, onNotice }: RunOptions, engine: Engine): PlanWatch {
  const { store, crew, config } = engine;
  const notice = (message: string) => onNotice?.(message);
  return new PlanWatch({
    finished: roadmap === undefined ? undefined : new FinishedPlans({ store, source: roadmap.source }),
    replanner:
      planning === undefined || only !== undefined || config.planning.replans === 0
        ? undefined
        : new Replanner({
            ...{ store, planning, crew, onNotice: notice },
            most: config.planning.replans,
            diff: (task) => planning.workOf(task),
          }),
    onNotice: notice,
  });
}

function assemble(options: RunOptions, lasting: Lasting, tenure: Tenure, orchestrator: string): Engine {
  const { project, env } = options;
  const { repository, config, store } = project;
  const { sandboxes, confiner, maxAgents, accounts, budgets, doors, logs } = lasting;
  const launcher = new ProcessLauncher({ orchestrator, confiner });
  const runner = new ShellCommandRunner({ launcher, limits: config.limits });
  const provisioner = localProvisioner({
    repository,
    settings: config.worktrees,
    commands: runner,
    sandboxes,
    env,
    maxAgents,
    warn: (message) => options.onNotice?.(message),
  });
  const ports = guarded(
    {
      workspaces: new GitWorkspaces(repository, {
        integrationBranch: config.merge.integrationBranch,
        poolSize: maxAgents,
        era: () => eraOf(store),
        shared: lasting.tasks,
        onRetire: ({ path, adminDir }) => provisioner.giveBack(path, adminDir),
      }),
      integration: lasting.integration,
      commands: runner,
      provisioner,
    },
    tenure,
  );
  const shared = { store, config, clock: systemClock, orchestrator, sandboxes, ...ports };
  return {
    ...shared,
    env: lasting.env,
    ...(options.planning === undefined ? {} : { proposals: options.planning }),
    ids: systemIds,
    tenure,
    bury: () => bury(store, orchestrator),
    crew: new LocalCrew({ config, env: lasting.env, cwd: repository.root, launcher }),
    accounts,
    budgets,
    slots: new Slots(),
    doors,
    merges: new MergeQueue(shared),
    logs,
  };
}

/**
 * Names the life of a store: fences that another one counted say nothing about those of this one. Its first event is
 * unlike any other's, and the same for all who share it.
 */
async function eraOf(store: Store): Promise<string> {
  const [first] = await store.events(0, { limit: 1 });
  return first === undefined ? '' : new Date(first.at).toISOString();
}

/** Whoever starts a run may have logged in or paid meanwhile: one task finds out, for each account. */
async function tryRefusedAgain(store: Store): Promise<void> {
  for (const standing of await store.accounts()) {
    if (needsPerson(standing)) await store.changeAccount(standing.account, tryAgain);
  }
}

async function follow(options: RunOptions, after: number, signal: AbortSignal): Promise<void> {
  const { onEvents } = options;
  if (onEvents === undefined) return;
  const { store, bus } = options.project;
  const counts = sparingly(() => store.counts(), systemClock);
  for await (const events of bus.subscribe({ after, until: signal })) onEvents(events, await counts());
}
