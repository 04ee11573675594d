import type { Repository } from '../../adapters/git/repository.ts';
import type { Project } from '../../core/api/parts.ts';
import type { Config } from '../../core/config/schema.ts';
import { CodewalkError, UsageError } from '../../core/errors.ts';
import type { EventBus } from '../../core/events/bus.ts';
import type { Plan } from '../../core/roadmap/model.ts';
import { HASH_KEY, isEmpty } from '../../core/syncing/look.ts';
import type { Store } from '../../core/tasks/ports.ts';
import { isFinal } from '../../core/tasks/states.ts';
import type { FilesService, RunOptions, RunOutcome, RunService } from '../../surfaces/cli/context.ts';
import { count } from '../../surfaces/cli/format.ts';
import { keepHeapSmall } from '../keep-heap-small.ts';
import type { FollowedRoadmap, RunPlanning } from '../run.ts';
import type { LocalRepository } from './repository-service.ts';
import type { LocalRoadmap } from './roadmap-service.ts';
import type { LocalStorage } from './storage-service.ts';

interface Parts {
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  readonly project: () => Promise<Project>;
  readonly config: () => Promise<Config>;
  readonly store: () => Promise<Store>;
  readonly bus: () => Promise<EventBus>;
  readonly hasState: () => Promise<boolean>;
  readonly storage: LocalStorage;
  readonly repository: () => Promise<Repository>;
  readonly roadmap: LocalRoadmap;
  readonly branches: LocalRepository;
  readonly planning: () => Promise<RunPlanning>;
  readonly files: FilesService;
}

/** Runs the project in this process. */
export class LocalRuns implements RunService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async run(options: RunOptions): Promise<RunOutcome> {
    const { roadmap, branches, version, env } = this.#parts;
    // What a person can mend is found first, before anything is opened or started.
    const repository = await this.#parts.repository();
    const followed = options.roadmap ? await roadmap.followed() : undefined;
    // After a crash, and beside others, the last good plan goes on whatever the file says now.
    const goesOn = await this.#isGoingOn();
    const plan = followed === undefined || goesOn ? undefined : await this.#firstPlan(followed, options);
    const config = await this.#parts.config();
    await this.#parts.storage.checkPages();
    const store = await this.#parts.store();
    const project = await this.#parts.project();
    if (!goesOn) await this.#checkCrew(options, plan, project.root);
    await branches.rememberTarget();
    keepHeapSmall();
    const bus = await this.#parts.bus();
    const { startNotices } = await import('../notices.ts');
    const { onNotice } = options;
    await using _notices = await startNotices({ config, store, bus, project: project.name, env, onNotice });
    await using _pulls = await this.#watchPulls(config, options);
    const { runProject } = await import('../run.ts');
    await using _files = await this.#parts.files.keep({ what: options.what ?? 'cw run', onNotice });
    const { end, counts } = await runProject({
      project: {
        repository,
        store,
        bus,
        config: withOptions(config, options),
      },
      ...(followed === undefined ? {} : { roadmap: followed }),
      stays: options.watch ?? false,
      ...(options.onlooker === undefined ? {} : { onlooker: options.onlooker }),
      planning: await this.#parts.planning(),
      version,
      env,
      signal: options.signal,
      onEvents: options.onEvents,
      onNotice: options.onNotice,
      onBoot: ({ reclaimed, stopped, others }) => {
        if (others > 0)
          options.onNotice(
            `${count(others, 'other orchestrator')} at work: the tasks are shared (cw orchestrators)`,
          );
        if (stopped.length > 0)
          options.onNotice(`stopped ${stopped.length} processes that a crash had left behind`);
        if (reclaimed.length > 0) options.onNotice(`resuming ${reclaimed.join(', ')} after a crash`);
      },
      ...(options.maxAgents === undefined ? {} : { maxAgents: options.maxAgents }),
      ...(options.only === undefined ? {} : { only: options.only }),
    });
    const { failed, blocked } = counts.byState;
    if (
      options.deliver !== false &&
      config.merge.deliver !== 'manual' &&
      end.kind === 'finished' &&
      failed + blocked === 0
    ) {
      await this.#deliver(options);
    }
    return {
      holds: end.kind === 'waiting' ? (end.holds ?? []) : [],
      stoppedBy: end.kind === 'stopped' ? end.by : undefined,
    };
  }

  /** Tells when the pull request that is open was merged; one that stays also proposes what is new. */
  async #watchPulls(config: Config, options: RunOptions): Promise<AsyncDisposable> {
    const { branches } = this.#parts;
    const store = await this.#parts.store();
    const proposes = config.merge.deliver === 'pull-request' && options.watch === true;
    const { PullWatch } = await import('./pull-watch.ts');
    const watch = new PullWatch({
      wants: async () => {
        const pending = await branches.pending();
        const inPull = new Set(pending?.pull?.tasks);
        const isNew = pending?.tasks.some((task) => !inPull.has(task)) === true;
        const isIdle = isNew && !(await store.isAnyActive());
        return { look: pending?.pull !== undefined, propose: proposes && isIdle };
      },
      look: (signal) => branches.proposal({ target: undefined, signal }),
      propose: () => branches.deliver({ target: undefined, pullRequest: true }),
      onNotice: options.onNotice,
    });
    watch.start();
    return watch;
  }

  async #deliver({ onNotice }: RunOptions): Promise<void> {
    const { branches } = this.#parts;
    const isPull = (await this.#parts.config()).merge.deliver === 'pull-request';
    const outcome = await branches.deliver({ target: undefined }).catch((error: unknown) => {
      // The work is done and merged here, whatever a forge says: it is proposed by the next cw deliver.
      if (!isPull || !(error instanceof CodewalkError)) throw error;
      onNotice(`no pull request: ${error.message}. ${error.advice ?? ''}`);
    });
    if (outcome?.kind === 'proposed') {
      onNotice(`${count(outcome.tasks.length, 'task')} in pull request #${outcome.number}: ${outcome.url}`);
    }
    if (outcome?.kind === 'delivered') {
      onNotice(
        `delivered ${count(outcome.tasks.length, 'task')} from ${outcome.branch} to ${outcome.target}`,
      );
    }
    if (outcome?.kind === 'refused')
      onNotice(`not delivered to ${outcome.target}: ${outcome.reason}. ${outcome.advice}`);
  }

  /** Was an orchestrator at work that has not ended as it should, or is one still? */
  async #isGoingOn(): Promise<boolean> {
    if (!(await this.#parts.hasState())) return false;
    return (await (await this.#parts.store()).orchestrators()).length > 0;
  }

  /**
   * The plan of the file; undefined when the store has it already, or when it is still to come and somebody waits for
   * it. Throws `UsageError` for a file that cannot be used.
   */
  async #firstPlan({ source }: FollowedRoadmap, options: RunOptions): Promise<Plan | undefined> {
    const known = (await this.#parts.hasState())
      ? await (await this.#parts.store()).getMeta(HASH_KEY)
      : undefined;
    const read = await source.read(known);
    if (read.kind === 'same') return undefined;
    if (read.kind === 'valid') return read.plan;
    const isToCome = read.kind === 'missing' || (read.kind === 'invalid' && isEmpty(read.problems));
    if (options.watch === true && isToCome) {
      options.onNotice(`waiting for tasks in ${source.path}`);
      return undefined;
    }
    const { RoadmapInvalidError, roadmapMissing } = await import('../../adapters/yaml/roadmap-file.ts');
    if (read.kind === 'missing') throw roadmapMissing(source.path);
    if (read.kind === 'invalid') throw new RoadmapInvalidError(read.problems);
    throw new UsageError('ROADMAP_UNREADABLE', read.message, { advice: read.advice });
  }

  /** Looks only at tasks that may start now; what is finished needs nobody any more. */
  async #checkCrew(options: RunOptions, plan: Plan | undefined, root: string): Promise<void> {
    const { checkCrew } = await import('./check-crew.ts');
    const [config, store] = [await this.#parts.config(), await this.#parts.store()];
    const stored = await store.tasks();
    const over = new Set(stored.filter((task) => isFinal(task.state)).map((task) => task.id));
    const definitions = plan?.tasks.map((task) => task.definition) ?? stored.map((task) => task.definition);
    const tasks = definitions.filter(
      ({ id, initialState }) =>
        !over.has(id) && (initialState ?? 'pending') === 'pending' && (options.only?.includes(id) ?? true),
    );
    checkCrew({ config, tasks, root, env: this.#parts.env });
  }
}

/** The config with what the command line says instead. */
function withOptions(config: Config, { strategy, budgetUsd }: RunOptions): Config {
  return {
    ...config,
    ...(strategy === undefined ? {} : { merge: { ...config.merge, strategy } }),
    ...(budgetUsd === undefined ? {} : { budget: { ...config.budget, runUsd: budgetUsd } }),
  };
}
