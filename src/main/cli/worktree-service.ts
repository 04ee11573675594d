import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from '../../adapters/git/repository.ts';
import type { GitFacts, SurveyOptions } from '../../adapters/git/survey.ts';
import { isAlive } from '../../adapters/process/identity.ts';
import type { SeedStore } from '../../adapters/provision/seed-store.ts';
import { homesOf } from '../../adapters/sandbox/private-homes.ts';
import type { Config } from '../../core/config/schema.ts';
import type { ObjectId, TaskId } from '../../core/ids.ts';
import type { Store } from '../../core/tasks/ports.ts';
import { isFinal, TASK_STATES, type TaskState } from '../../core/tasks/states.ts';
import type { Task } from '../../core/tasks/task.ts';
import { type Pruning, type WorktreeFacts, whyKept } from '../../core/workspaces/retention.ts';
import type {
  PruneOptions,
  PruneReport,
  WorktreeEntry,
  WorktreeService,
} from '../../surfaces/cli/context.ts';

const DAY_MS = 86_400_000;
/** While an orchestrator runs it may be ending a worktree itself that looks abandoned for this long. */
const SETTLE_MS = 60_000;

/** What the store and the process table know about the worktrees. */
interface Surroundings {
  readonly survey: SurveyOptions;
  readonly tasks: ReadonlyMap<string, NonNullable<WorktreeFacts['task']>>;
  readonly processes: ReadonlyMap<string, readonly number[]>;
  readonly orchestratorRuns: boolean;
}

/** What it asks of the store. */
interface Facts extends Pick<Store, 'processes' | 'orchestrators'> {
  tasks(filter: {
    states: readonly TaskState[];
  }): Promise<readonly Pick<Task, 'id' | 'place' | 'state' | 'head' | 'mergeCommit'>[]>;
}

interface Parts {
  readonly repository: () => Promise<Repository>;
  readonly config: () => Promise<Pick<Config, 'merge' | 'worktrees'>>;
  readonly store: () => Promise<Facts>;
  readonly hasState: () => Promise<boolean>;
}

/** Worktrees as git, the store and this machine's processes see them together. */
export class LocalWorktrees implements WorktreeService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async list(): Promise<readonly WorktreeEntry[]> {
    const { worktrees } = await this.#parts.config();
    const pruning = { olderThanMs: worktrees.keepDays * DAY_MS, pooled: false };
    return await this.#entries(pruning);
  }

  async prune({ dryRun, olderThanMs, pooled, seeds }: PruneOptions): Promise<PruneReport> {
    const keepMs = olderThanMs ?? (await this.#parts.config()).worktrees.keepDays * DAY_MS;
    const pruning = { olderThanMs: keepMs, pooled };
    const entries = await this.#entries(pruning);
    const kept = entries.filter((entry) => entry.kept !== undefined);
    const removed: WorktreeEntry[] = [];
    for (const entry of entries) {
      if (entry.kept !== undefined) continue;
      const reason = dryRun ? undefined : await this.#remove(entry.facts.place, pruning);
      if (reason === undefined) removed.push(entry);
      else kept.push({ ...entry, kept: reason });
    }
    const homes = await this.#pruneHomes(new Set(kept.map(({ facts }) => facts.place)), dryRun);
    return { removed, kept, homes, seeds: seeds ? await this.#pruneSeeds(keepMs, dryRun) : [] };
  }

  async #entries(pruning: Pruning): Promise<readonly WorktreeEntry[]> {
    const repository = await this.#parts.repository();
    const { survey } = await import('../../adapters/git/survey.ts');
    const { diskUsage } = await import('../../adapters/provision/tree.ts');
    const around = await this.#surroundings();
    const found = await survey(repository, around.survey);
    const processes = await workersIn(found);
    const entries: WorktreeEntry[] = [];
    for (const git of found) {
      const facts = complete(git, { ...around, processes: merge(around.processes, processes) });
      entries.push({
        facts,
        bytes: await diskUsage(git.path),
        kept: whyKept(facts, settled(pruning, around)),
      });
    }
    return entries;
  }

  /** Looks again right before: the survey of many takes a while. Returns why it is kept after all. */
  async #remove(place: string, pruning: Pruning): Promise<string | undefined> {
    const repository = await this.#parts.repository();
    const { surveyOne } = await import('../../adapters/git/survey.ts');
    const { removeSurveyed } = await import('../../adapters/git/remove-surveyed.ts');
    const around = await this.#surroundings();
    const git = await surveyOne(repository, place, around.survey);
    if (git === undefined) return undefined;
    const processes = merge(around.processes, await workersIn([git]));
    const facts = complete(git, { ...around, processes });
    const reason = whyKept(facts, settled(pruning, around));
    if (reason !== undefined) return reason;
    const { branchRef } = await import('../../adapters/git/branch-name.ts');
    const mergedInto = await repository.commit(branchRef(around.survey.integrationBranch));
    if (mergedInto === undefined && git.kind !== 'pooled')
      return 'there is no integration branch to compare with';
    return await removeSurveyed(repository, git, {
      mergedInto: mergedInto ?? repository.facts.head.commit,
      mergedHead: around.survey.mergedHeads.get(place as TaskId),
    });
  }

  async #surroundings(): Promise<Surroundings> {
    const { merge: settings } = await this.#parts.config();
    const mergedHeads = new Map<TaskId, ObjectId>();
    const tasks = new Map<string, NonNullable<WorktreeFacts['task']>>();
    const processes = new Map<string, readonly number[]>();
    let orchestratorRuns = false;
    if (await this.#parts.hasState()) {
      const store = await this.#parts.store();
      const places = new Map<TaskId, TaskId>();
      for (const { id, place, state, head, mergeCommit } of await store.tasks({ states: TASK_STATES })) {
        places.set(id, place);
        tasks.set(place, { id, state });
        if (mergeCommit !== undefined && head !== undefined) mergedHeads.set(place, head);
      }
      for (const { task, process } of await store.processes()) {
        const place = places.get(task) ?? task;
        if (isAlive(process)) processes.set(place, [...(processes.get(place) ?? []), process.pid]);
      }
      orchestratorRuns = (await store.orchestrators()).some((one) => isAlive(one.process));
    }
    const survey = { integrationBranch: settings.integrationBranch, mergedHeads, now: Date.now() };
    return { survey, tasks, processes, orchestratorRuns };
  }

  /** Private homes of tasks that are over and have no worktree in `kept`. */
  async #pruneHomes(kept: ReadonlySet<string>, dryRun: boolean): Promise<PruneReport['homes']> {
    const { diskUsage } = await import('../../adapters/provision/tree.ts');
    const { removeTree } = await import('../../adapters/sandbox/remove-tree.ts');
    const directory = homesOf((await this.#parts.repository()).root);
    const { tasks } = await this.#surroundings();
    const removed: { task: string; bytes: number }[] = [];
    for (const task of existsSync(directory) ? readdirSync(directory) : []) {
      // Of an agent that works on no task.
      if (task.startsWith('~')) continue;
      const state = tasks.get(task)?.state;
      if (kept.has(task) || (state !== undefined && !isFinal(state))) continue;
      const home = join(directory, task);
      removed.push({ task, bytes: await diskUsage(home) });
      if (!dryRun) await removeTree(home);
    }
    return removed;
  }

  async #pruneSeeds(olderThanMs: number, dryRun: boolean): Promise<PruneReport['seeds']> {
    const { SeedStore: Store } = await import('../../adapters/provision/seed-store.ts');
    const directory = join((await this.#parts.repository()).root, '.codewalk', 'seeds');
    const seeds: SeedStore = new Store(directory, { mostSpares: 0 });
    const going = (await seeds.list()).filter(({ usedAt }) => Date.now() - usedAt >= olderThanMs);
    if (!dryRun) for (const { key } of going) await seeds.remove(key);
    return going.map(({ key, bytes }) => ({ key, bytes }));
  }
}

function settled(pruning: Pruning, { orchestratorRuns }: Surroundings): Pruning {
  return orchestratorRuns ? { ...pruning, olderThanMs: Math.max(pruning.olderThanMs, SETTLE_MS) } : pruning;
}

/** By place, in the order of `found`. */
async function workersIn(found: readonly GitFacts[]): Promise<ReadonlyMap<string, readonly number[]>> {
  const { workingIn } = await import('../../adapters/process/working-in.ts');
  const byPath = workingIn(found.map(({ path }) => path));
  return new Map(
    found.flatMap(({ place, path }) => (byPath.has(path) ? [[place, byPath.get(path) ?? []]] : [])),
  );
}

function merge(
  recorded: ReadonlyMap<string, readonly number[]>,
  seen: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, readonly number[]> {
  const all = new Map(recorded);
  for (const [place, pids] of seen) all.set(place, [...new Set([...(all.get(place) ?? []), ...pids])]);
  return all;
}

function complete(git: GitFacts, { tasks, processes }: Surroundings): WorktreeFacts {
  return { ...git, task: tasks.get(git.place), processes: processes.get(git.place) ?? [] };
}
