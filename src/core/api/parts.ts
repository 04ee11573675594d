import type { ConfigFiles } from '../config/ports.ts';
import type { Config } from '../config/schema.ts';
import type { PullRequest } from '../delivery/ports.ts';
import type { ErrorFacts } from '../error-facts.ts';
import type { EventBus } from '../events/bus.ts';
import type { TaskId } from '../ids.ts';
import type { OutsideWork } from '../outside/ports.ts';
import type { Issue } from '../planning/issues.ts';
import type { FailedTask } from '../planning/planning-prompt.ts';
import type { PlanRecord } from '../planning/ports.ts';
import type { RoadmapEdit } from '../roadmap/edits.ts';
import type { Plan, Roadmap, RoadmapTask } from '../roadmap/model.ts';
import type { OutlinePart } from '../roadmap/outline.ts';
import type { SyncReason } from '../syncing/ports.ts';
import type { Store, SyncPreview } from '../tasks/ports.ts';
import type { Task } from '../tasks/task.ts';
import type { Recovery, WorkChanges } from '../workspaces/ports.ts';
import type { SavedWork } from '../workspaces/saved-work.ts';

/**
 * What the API of one project stands on. Everything is opened when it is first asked for. All methods may throw
 * `UsageError` for a place, config or roadmap that cannot be used.
 */
export interface ProjectParts {
  /** Epoch ms. */
  now(): number;
  /** A new id that begins with the prefix. */
  next(prefix: string): string;
  /** Throws `UsageError` when the directory is in no git repository. */
  project(): Promise<Project>;
  config(): Promise<Config>;
  store(): Promise<Store>;
  /** Tells of what happens in the project. */
  bus(): Promise<EventBus>;
  /** Was anything stored for this project yet? Opens and makes nothing. */
  hasState(): Promise<boolean>;
  /**
   * Brings the store up to the roadmap file when the file has changed since. A file that cannot be used changes
   * nothing; what is wrong with it is returned, for a warning.
   */
  refresh(reason?: SyncReason): Promise<Error | undefined>;
  /** Tasks for programs that Codewalk did not start. Ends with this process, and gives back what they hold. */
  outside(): Promise<OutsideWork>;
  readonly roadmap: RoadmapService;
  readonly planning: PlanningService;
  readonly repository: RepositoryService;
  readonly recovery: RecoveryService;
  readonly logs: LogFiles;
  readonly configFiles: ConfigFiles;
}

/** The project around the working directory; all paths absolute. */
export interface Project {
  readonly root: string;
  readonly name: string;
  readonly roadmapPath: string;
  readonly stateDirectory: string;
  readonly logsDirectory: string;
}

/** Plans that the orchestrator's agent makes. */
export interface PlanningService {
  /** Asks for a plan: adds the task that makes it. One with the same goal that was interrupted goes on instead. */
  begin(request: PlanRequest): Promise<{ readonly id: TaskId; readonly resumed: boolean }>;
  /** Throws `UsageError` `UNKNOWN_PLAN`. */
  find(id: TaskId): Promise<PlanRecord>;
  /** Throws what keeps the plan from being applied to the file as it is now, a `UsageError`. */
  preview(plan: PlanRecord): Promise<PlanPreview>;
  /** Takes what a person made of the whole file in its place. Throws `UsageError` with all that is wrong with it. */
  amend(plan: PlanRecord, text: string, onto: string): Promise<PlanRecord>;
  carryOut(
    plan: PlanRecord,
    options: { by: string; dryRun: boolean },
  ): Promise<RoadmapChange & { readonly added: readonly TaskId[] }>;
  /** Also ends the task that makes it. */
  drop(plan: TaskId, by: string): Promise<void>;
}

/** What a plan is wanted for. */
export interface PlanRequest {
  readonly goal: string;
  readonly issues: readonly Issue[];
  /** The role that makes it. */
  readonly agent: string;
  readonly by: string;
  /** A task for which another way is wanted. */
  readonly failed?: FailedTask;
  /** Of the task that makes it; absent: made from the goal. When it is taken, somebody else has asked already. */
  readonly id?: TaskId;
}

/** What a proposal would make of the roadmap file as it is now. */
export interface PlanPreview {
  /** The file without it, and with it. */
  readonly before: string;
  readonly after: string;
  readonly diff: string;
  /** Of the file without it. */
  readonly hash: string;
  /** Tasks on the longest chain of the new ones, and how many of them could run at once. */
  readonly chain: number;
  readonly atOnce: number;
  /** What a person should know before it is applied. */
  readonly notes: readonly string[];
}

export interface RoadmapService {
  /** Reads and checks `file`, by default the project's roadmap. */
  load(file?: string): Promise<{ roadmap: Roadmap; plan: Plan }>;
  /** The roadmap file without its tasks, as it was last while it cannot be used; undefined when it never could. */
  outline(): Promise<readonly OutlinePart[] | undefined>;
  /** What it would do to take `file`, by default the project's roadmap, as the plan. Changes nothing. */
  compare(file?: string): Promise<SyncPreview>;
  /**
   * Takes the project's roadmap as it is now and returns what that changed. Throws `UsageError` for a file that cannot
   * be used, and `ROADMAP_HELD` for one that takes most of the open tasks away unless `confirmedBy` says who wants that.
   */
  take(options: { confirmedBy: string | undefined }): Promise<SyncPreview>;
  /** The ids of the tasks in the file; none when it is valid but for having none yet. */
  ids(): Promise<readonly string[]>;
  /** What the file says in a task, as far as `prompt` and the like can be edited. Throws `UsageError` `UNKNOWN_TASK`. */
  definition(id: string): Promise<RoadmapTask>;
  /** Makes one edit of the file, keeps what was before, and brings the plan up to it. */
  edit(edit: RoadmapEdit, options: EditOptions): Promise<RoadmapChange>;
  /** Takes the latest edit of `edit` back, unless the file was changed since. */
  undo(options: Pick<EditOptions, 'dryRun' | 'check'>): Promise<RoadmapChange>;
}

export interface EditOptions {
  /** Only say what would be changed. */
  readonly dryRun: boolean;
  /** What is done, in words, for who takes it back. */
  readonly what: string;
  readonly check?: EditCheck | undefined;
}

/**
 * Looks at what an edit would make of the plan, before anything is written; throws to refuse it. `before` is undefined
 * when the file had no task.
 */
export type EditCheck = (before: Plan | undefined, after: Plan) => void;

/** What became of the roadmap file. */
export interface RoadmapChange {
  readonly what: string;
  /** Unified; empty when the file says so already. */
  readonly diff: string;
  /** Why the plan is not up to the file. */
  readonly problem?: ErrorFacts;
}

export interface RepositoryService {
  /** What the task has changed, before or after its merge; undefined when it has not been started. */
  changes(task: Task): Promise<WorkChanges | undefined>;
  /** Those changes as a unified diff, cut at `maxBytes` with a last line that says so. `paths`: see `changes`. */
  diff(
    changes: WorkChanges,
    options: { readonly maxBytes: number; readonly paths?: readonly string[] },
  ): Promise<string>;
  /** What `deliver` would bring into the target branch now; undefined when there is no integration branch. */
  pending(target?: string): Promise<Delivery | undefined>;
  /** `push`: also bring the target to the remote that hosts share. */
  /** `pullRequest`: push it and open or update a pull request instead; default: as `merge.deliver` says. */
  deliver(options: {
    target: string | undefined;
    push?: boolean;
    pullRequest?: boolean;
  }): Promise<DeliveryOutcome>;
  /**
   * How the latest pull request into the target stands at the forge; undefined when there was none. One that was merged
   * since is written down as delivered.
   */
  proposal(options: { target: string | undefined; signal?: AbortSignal }): Promise<Proposal | undefined>;
  /** The same, but only now and then, quickly, and without a word when that fails. */
  glanceAtProposal(): Promise<void>;
}

/** A pull request that brings the integration branch into the target. */
export interface Proposal extends Omit<PullRequest, 'head' | 'mergeCommit'> {
  /** At the forge. */
  readonly repository: string;
  readonly branch: string;
  readonly target: string;
  readonly tasks: readonly string[];
}

/** How far the integration branch is ahead of the branch it is delivered to. */
export interface Delivery {
  readonly branch: string;
  readonly target: string;
  /** Those that no pull request has brought in. */
  readonly tasks: readonly string[];
  /** The open pull request that some of them wait in. */
  readonly pull?: { readonly number: number; readonly url: string; readonly tasks: readonly string[] };
}

/** The remote that hosts share, if there is one, and whether the target went there as well. */
export interface DeliveredTo {
  readonly remote?: string;
  readonly pushed?: boolean;
}

export type DeliveryOutcome =
  | ({
      kind: 'delivered';
      branch: string;
      target: string;
      commit: string;
      tasks: readonly string[];
    } & DeliveredTo)
  | ({ kind: 'nothing'; branch: string; target: string } & DeliveredTo)
  /** It waits in a pull request. `commit`: of the integration branch. */
  | {
      kind: 'proposed';
      branch: string;
      target: string;
      commit: string;
      number: number;
      url: string;
      tasks: readonly string[];
    }
  | {
      kind: 'refused';
      branch: string;
      target: string;
      reason: string;
      advice: string;
      files: readonly string[];
    };

export interface RecoveryService {
  /** The saved work of the repository. */
  open(): Promise<Recovery>;
  /**
   * Saves what lies in the worktree of a task that was just cancelled, unless a living orchestrator holds it and
   * does so itself. `before` is the task as it was until then.
   */
  saveCancelled(before: Task): Promise<SavedWork | undefined>;
}

/** What agents printed, in files that grow while they work. `place`: see `Task.place`. */
export interface LogFiles {
  /** In the order they were written. */
  list(place: string): Promise<readonly LogFile[]>;
  /**
   * Whole lines from byte `from` on, about 256 KiB at most; a longer line comes in pieces. An unfinished last line is
   * left for the next time, unless `isOver` says that there is none. No lines: there is nothing more now.
   */
  read(file: { place: string; name: string }, options: { from: number; isOver: boolean }): Promise<LogPiece>;
  /** The last whole lines before that byte, about 128 KiB at most. A longer line comes in pieces. */
  readBefore(
    file: { place: string; name: string },
    before: number,
  ): Promise<LogPiece & { readonly first: number }>;
}

/** Of one step: what its agent said (`log`), or every line that its CLI printed (`jsonl`). */
export interface LogFile {
  /** Such as `2-5.log`: attempt 2, step 5. */
  readonly name: string;
  readonly attempt: number;
  readonly step: number;
  readonly isRaw: boolean;
  /** How long it is now. */
  readonly bytes: number;
}

export interface LogPiece {
  /** Without their line ends. */
  readonly lines: readonly string[];
  /** The byte to go on from. */
  readonly next: number;
}
