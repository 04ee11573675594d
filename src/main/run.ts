import { join } from 'node:path';
import { ShellCommandRunner } from '../adapters/command-runner/run-command.ts';
import { GitIntegration } from '../adapters/git/integration.ts';
import type { Repository } from '../adapters/git/repository.ts';
import { GitWorkspaces } from '../adapters/git/workspaces.ts';
import { FileAttemptLogs } from '../adapters/logs/attempt-logs.ts';
import { ProcessLauncher } from '../adapters/process/launcher.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { systemIds } from '../adapters/system/ids.ts';
import type { Engine } from '../core/attempts/engine.ts';
import type { Config } from '../core/config/schema.ts';
import { crashPoint } from '../core/crash-points.ts';
import { accountsOf } from '../core/dispatch/accounts-of.ts';
import { decide } from '../core/dispatch/decide.ts';
import { Orchestrator, type RunEnd } from '../core/dispatch/orchestrator.ts';
import type { LoggedEvent } from '../core/events/event.ts';
import { followEvents } from '../core/events/follow.ts';
import type { TaskId } from '../core/ids.ts';
import { MergeQueue } from '../core/merging/merge-queue.ts';
import { Accounts } from '../core/resilience/accounts.ts';
import { needsPerson, tryAgain } from '../core/resilience/breaker.ts';
import { Budgets } from '../core/resilience/budgets.ts';
import type { Plan } from '../core/roadmap/model.ts';
import type { Counts, Store } from '../core/tasks/ports.ts';
import { agentEnv, NO_COLLECTION } from './agent-env.ts';
import { type BootReport, boot } from './boot.ts';
import { LocalCrew } from './crew.ts';
import { endMergedWorktrees } from './end-merged-worktrees.ts';
import { localProvisioner } from './local-provisioner.ts';
import { makeShutters, sandboxNotice } from './sandboxes.ts';
import { bury } from './takeover.ts';

/** A project that a command has opened. */
export interface OpenProject {
  readonly repository: Repository;
  readonly config: Config;
  readonly store: Store;
}

export interface RunOptions {
  readonly project: OpenProject;
  /** The roadmap to follow; absent: only what the store holds already. */
  readonly roadmap?: { readonly plan: Plan; readonly path: string; readonly hash: string };
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

export interface RunSummary {
  readonly end: RunEnd;
  readonly counts: Counts;
  /** Number of the last event before this run; what came after belongs to it. */
  readonly since: number;
}

/**
 * Runs a project until nothing more can run or the signal comes: clears up after a crash, syncs the roadmap,
 * dispatches. When it returns, nothing that it started is running and every fact is in the store.
 */
export async function runProject(options: RunOptions): Promise<RunSummary> {
  const { project, signal } = options;
  const { store } = project;
  const since = await store.head();
  const { engine, maxAgents, availability } = assemble(options);
  const unsafe = await sandboxNotice(project.config, availability);
  const report = await boot(store, { id: engine.orchestrator, version: options.version, maxAgents });
  options.onBoot?.(report);
  if (unsafe !== undefined) options.onNotice?.(unsafe);
  const following = new AbortController();
  const follower = follow(options, since, following.signal);
  let end: RunEnd = { kind: 'stopped' };
  try {
    for (const repaired of await engine.workspaces.repair()) options.onNotice?.(repaired);
    for (const kept of await endMergedWorktrees(engine, project.repository)) options.onNotice?.(kept);
    crashPoint('boot.repaired');
    if (options.roadmap !== undefined) {
      const { plan, path, hash } = options.roadmap;
      await store.sync(plan, { path, hash });
      crashPoint('roadmap.synced');
    }
    await tryRefusedAgain(store);
    const orchestrator = new Orchestrator(engine, {
      maxAgents,
      decide: (snapshot) =>
        decide(snapshot, { accountsOf: (task) => accountsOf(task, engine.crew, engine.config) }),
      ...(options.only === undefined ? {} : { only: new Set(options.only) }),
    });
    end = await orchestrator.run(signal);
    crashPoint('run.ended');
  } finally {
    await store.deregister(engine.orchestrator, end.kind);
    following.abort();
    await follower;
  }
  return { end, counts: await store.counts(), since };
}

function assemble(options: RunOptions) {
  const { project, env } = options;
  const { repository, config, store } = project;
  const maxAgents = options.maxAgents ?? config.maxAgents;
  const orchestrator = systemIds.next('orc');
  const integration = new GitIntegration(repository);
  const { sandboxes, confiner, availability } = makeShutters({ config, repository, env });
  const launcher = new ProcessLauncher({ orchestrator, confiner });
  const commands = new ShellCommandRunner({ launcher, limits: config.limits });
  const provisioner = localProvisioner({
    repository,
    settings: config.worktrees,
    commands,
    sandboxes,
    env,
    maxAgents,
    warn: (message) => options.onNotice?.(message),
  });
  const workspaces = new GitWorkspaces(repository, {
    integrationBranch: config.merge.integrationBranch,
    poolSize: maxAgents,
    era: () => eraOf(store),
    onRetire: ({ path, adminDir }) => provisioner.giveBack(path, adminDir),
  });
  const allowed = { ...NO_COLLECTION, ...agentEnv(env, config.sandbox.env) };
  const shared = {
    store,
    config,
    clock: systemClock,
    integration,
    workspaces,
    commands,
    orchestrator,
    sandboxes,
  };
  const engine: Engine = {
    ...shared,
    env: allowed,
    ids: systemIds,
    provisioner,
    bury: () => bury(store, orchestrator),
    crew: new LocalCrew({ config, env: allowed, cwd: repository.root, launcher }),
    accounts: new Accounts({ store, config, random: () => systemIds.random() }),
    budgets: new Budgets(shared),
    merges: new MergeQueue(shared),
    logs: new FileAttemptLogs(join(repository.root, '.codewalk', 'state', 'logs'), (error) =>
      options.onNotice?.(`A log file cannot be written: ${error.message}`),
    ),
  };
  return { engine, maxAgents, availability };
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
  const { store } = options.project;
  await followEvents(store, {
    after,
    signal,
    onEvents: async (events) => onEvents(events, await store.counts()),
  });
}
