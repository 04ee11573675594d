import type { Config, ConfigScope } from '../../core/config/schema.ts';
import type { Hold } from '../../core/dispatch/orchestrator.ts';
import type { AgentDesk } from '../../core/door/ports.ts';
import type { EventBus } from '../../core/events/bus.ts';
import type { LoggedEvent, MergeStrategy } from '../../core/events/event.ts';
import type { TaskId } from '../../core/ids.ts';
import type { RoadmapEdit } from '../../core/roadmap/edits.ts';
import type { Plan, Roadmap, RoadmapTask } from '../../core/roadmap/model.ts';
import type { Storage } from '../../core/storage/ports.ts';
import type { SyncReason } from '../../core/syncing/ports.ts';
import type { Counts, Store, SyncPreview } from '../../core/tasks/ports.ts';
import type { Task } from '../../core/tasks/task.ts';
import type { Recovery, WorkChanges } from '../../core/workspaces/ports.ts';
import type { WorktreeFacts } from '../../core/workspaces/retention.ts';
import type { SavedWork } from '../../core/workspaces/saved-work.ts';
import type { ExitCode } from './exit-codes.ts';
import type { CliIo } from './io.ts';
import type { Paint } from './style.ts';
import type { Delivery } from './views/status.ts';

/** What every command is given. */
export interface CliContext {
  readonly io: CliIo;
  /** The directory the command works from, absolute. */
  readonly directory: string;
  /** Was `--json` given? */
  readonly json: boolean;
  readonly paint: Paint;
  readonly services: CliServices;
  /**
   * Aborts at the first SIGINT, SIGTERM or SIGHUP. A command that asks for it ends by itself then; any other is
   * ended by the first signal at once.
   */
  stopSignal(): AbortSignal;
  /** Carries something out in another directory, with services of its own. */
  within<T>(directory: string, work: (inside: CliContext) => Promise<T>): Promise<T>;
}

/** The project around the working directory; all paths absolute. */
export interface Project {
  readonly root: string;
  readonly name: string;
  readonly roadmapPath: string;
  readonly stateDirectory: string;
  readonly logsDirectory: string;
}

/**
 * What the commands need from the rest of the program. Everything is opened when it is first asked for and closed
 * once at the end. All methods may throw `UsageError` for a place, config or roadmap that cannot be used.
 */
export interface CliServices {
  readonly version: string;
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
  /** Of the turn that this process is part of. Throws `UsageError` `NO_DOOR` outside of one. */
  desk(): Promise<AgentDesk>;
  readonly tools: ToolService;
  readonly roadmap: RoadmapService;
  readonly settings: SettingsService;
  readonly repository: RepositoryService;
  readonly storage: Storage;
  readonly recovery: RecoveryService;
  readonly worktrees: WorktreeService;
  readonly runs: RunService;
  readonly setup: SetupService;
}

export interface ToolService {
  /** Serves MCP on standard input and output until the client closes it or the signal comes. */
  serve(signal: AbortSignal): Promise<void>;
}

export interface RoadmapService {
  /** Reads and checks `file`, by default the project's roadmap. */
  load(file?: string): Promise<{ roadmap: Roadmap; plan: Plan }>;
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
  undo(options: Pick<EditOptions, 'dryRun'>): Promise<RoadmapChange>;
  /** Lets a person change a text in their editor. */
  textFromEditor(text: string): Promise<string>;
}

export interface EditOptions {
  /** Only say what would be changed. */
  readonly dryRun: boolean;
  /** What is done, in words, for who takes it back. */
  readonly what: string;
}

/** What became of the roadmap file. */
export interface RoadmapChange {
  readonly what: string;
  /** Unified; empty when the file says so already. */
  readonly diff: string;
  /** Why the plan is not up to the file. */
  readonly problem: Error | undefined;
}

export interface SettingsService {
  /** The settings in force with the scope that each comes from (by key path), and the files looked for. */
  load(): Promise<LoadedSettings>;
  /** Changes one key of one file, if the whole is valid with it. Returns the file's path. */
  set(scope: FileScope, keyPath: readonly string[], value: unknown): Promise<string>;
  /** Throws `UsageError` when the file does not set the key. */
  unset(scope: FileScope, keyPath: readonly string[]): Promise<string>;
}

export type FileScope = Exclude<ConfigScope, 'built-in'>;

export interface LoadedSettings {
  readonly config: Config;
  readonly origins: Readonly<Record<string, ConfigScope>>;
  readonly files: readonly { readonly scope: FileScope; readonly path: string; readonly exists: boolean }[];
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
  deliver(options: { target: string | undefined; push?: boolean }): Promise<DeliveryOutcome>;
}

export interface RecoveryService {
  /** The saved work of the repository. */
  open(): Promise<Recovery>;
  /**
   * Saves what lies in the worktree of a task that was just cancelled, unless a living orchestrator holds it and
   * does so itself. `before` is the task as it was until then.
   */
  saveCancelled(before: Task): Promise<SavedWork | undefined>;
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
  | {
      kind: 'refused';
      branch: string;
      target: string;
      reason: string;
      advice: string;
      files: readonly string[];
    };

export interface WorktreeService {
  /** Every worktree of this checkout, and what is left of others. */
  list(): Promise<readonly WorktreeEntry[]>;
  /** What a clean-up would remove and keep; with `dryRun` unset it is done. */
  prune(options: PruneOptions): Promise<PruneReport>;
}

export interface WorktreeEntry {
  readonly facts: WorktreeFacts;
  /** Bytes on the disk. */
  readonly bytes: number;
  /** Why `prune` without options keeps it; absent when it would go. */
  readonly kept: string | undefined;
}

export interface PruneOptions {
  readonly dryRun: boolean;
  /** Absent: `worktrees.keepDays` of the config. */
  readonly olderThanMs: number | undefined;
  readonly pooled: boolean;
  readonly seeds: boolean;
}

export interface PruneReport {
  readonly removed: readonly WorktreeEntry[];
  /** Each with its reason. */
  readonly kept: readonly WorktreeEntry[];
  /** Private homes of agents whose task is over. */
  readonly homes: readonly { readonly task: string; readonly bytes: number }[];
  readonly seeds: readonly { readonly key: string; readonly bytes: number }[];
}

export interface RunService {
  /**
   * Works until nothing more can run or `signal` aborts, beside whoever else works on the project. Returns what keeps
   * ready tasks waiting for a person, and who asked this run to end, if anybody did.
   */
  run(options: RunOptions): Promise<RunOutcome>;
}

export interface RunOutcome {
  readonly holds: readonly Hold[];
  readonly stoppedBy: string | undefined;
}

export interface RunOptions {
  readonly maxAgents?: number;
  readonly only?: readonly TaskId[];
  readonly strategy?: MergeStrategy;
  /** In the place of `budget.runUsd`. */
  readonly budgetUsd?: number;
  /** Follow the roadmap; else only do what the store holds already. */
  readonly roadmap: boolean;
  /** Wait for more when nothing can run, until the signal comes. */
  readonly watch?: boolean;
  readonly signal: AbortSignal;
  /** Events in order, with the counts after them. */
  readonly onEvents: (events: readonly LoggedEvent[], counts: Counts) => void;
  /** Something worth a line that is no event. */
  readonly onNotice: (message: string) => void;
}

export interface SetupService {
  /** Agent CLIs of the config that are installed on this machine, the one that serves by default first. */
  agentClis(): Promise<readonly AgentCli[]>;
  /** The JSON Schemas that editors use. */
  schemas(): Promise<{ readonly config: string; readonly roadmap: string }>;
  /** The doctor's findings, each as soon as it is known. */
  checks(): AsyncIterable<Check>;
  /** Makes the demo and runs it, with a report like that of a run. */
  demo(context: CliContext, options: DemoOptions): Promise<ExitCode>;
}

export interface DemoOptions {
  /** Absolute; absent: a new directory for temporary files. */
  readonly directory: string | undefined;
  /** A real agent CLI in place of the script. */
  readonly agent: 'claude' | 'codex' | 'goose' | undefined;
  /** False: only make the repository. */
  readonly run: boolean;
}

export interface AgentCli {
  /** Name of the provider. */
  readonly name: string;
  readonly path: string;
}

/** One finding of the doctor. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
}
