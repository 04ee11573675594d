import type { Confinement } from '../agents/ports.ts';
import type { MergeStrategy } from '../events/event.ts';
import type { ObjectId, TaskId } from '../ids.ts';
import type { TaskFence } from './fence.ts';
import type { SavedWork, SavedWorkEntry, Saving } from './saved-work.ts';

/** A task's own worktree on its own branch. */
export interface Workspace {
  readonly task: TaskId;
  /** Absolute path. */
  readonly path: string;
  readonly branch: string;
  /** The commit of the integration branch that the task's work began from, or was last brought up to. */
  readonly base: ObjectId;
  /** True when it held earlier work of the task. */
  readonly reused: boolean;
  /** On whose behalf its refs move; absent where no attempt is at work. */
  readonly fence?: TaskFence | undefined;
  /** Files to be read, which no git stands behind; see `ReadingCopies`. */
  readonly isCopy?: true;
}

/** The files of a commit, to be read by who works on no task: apart from every worktree and the user's checkout. */
export interface ReadingCopies {
  /** The copy of this name, brought to `at`; whatever was changed in it is gone. One reader at a time. */
  open(name: string, at: ObjectId): Promise<Workspace>;
}

export type SnapshotResult =
  /** `files` changed against the previous snapshot. */
  | { kind: 'committed'; commit: ObjectId; files: number }
  /** Nothing to commit; `commit` is the branch's head. */
  | { kind: 'clean'; commit: ObjectId };

export interface DiffStat {
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
}

/** What happened to a file. `retyped`: a link became a file, or the like. */
export type FileStatus = 'added' | 'deleted' | 'modified' | 'renamed' | 'retyped';

/** What one file changed by; both numbers are 0 for a binary file. */
export interface FileNumbers {
  readonly path: string;
  readonly status: FileStatus;
  /** Where a renamed file was before. */
  readonly from?: string;
  readonly insertions: number;
  readonly deletions: number;
  readonly binary: boolean;
}

/** What a task has changed: the files between two commits. */
export interface WorkChanges {
  /** Where the work began, or was last brought up to; of a merged task what its merge was made onto. */
  readonly from: ObjectId;
  readonly to: ObjectId;
  /** In git's order. */
  readonly files: readonly FileNumbers[];
}

/**
 * Worktrees of one repository. Nothing here ever touches the user's checkout, index, stash, hooks or config. What moves
 * refs of a task for an attempt throws `FencedError` once a newer attempt has raised the fence, and moves none.
 */
export interface Workspaces {
  /**
   * From here on refs of the task move only for this attempt, or a newer one. Throws `FencedError` when there is a
   * newer one. Comes before anything else that an attempt does in git, also before it asks whether its merge is in.
   */
  raiseFence(attempt: { task: TaskId; fence: number }): Promise<TaskFence>;
  /**
   * The task's worktree: the existing one with all its work, or a new one on branch `cw/<task>` from `base`.
   * A branch that has commits is never reset. Throws `CodewalkError` with code `WORKSPACE_FAILED` when it cannot
   * be made: then nothing may be spawned.
   */
  open(options: { task: TaskId; base: ObjectId; fence?: TaskFence }): Promise<Workspace>;
  /** Commits whatever is in the worktree (untracked files too, ignored ones not) onto the task's branch. */
  snapshot(workspace: Workspace, message: CommitMessage): Promise<SnapshotResult>;
  /**
   * Where several hosts share the repository, resolves when the last snapshot is where they find it, so that the attempt
   * may end. Throws `FencedError`, and `RemoteError` when it did not get there.
   */
  settle(workspace: Workspace): Promise<void>;
  /** Unified diff of the task's branch against its base, cut at `maxBytes` with a last line that says so. */
  diff(workspace: Workspace, options: { maxBytes: number }): Promise<string>;
  /** Those of `files` that still hold conflict markers in the worktree. */
  unresolved(workspace: Workspace, files: readonly string[]): Promise<readonly string[]>;
  /**
   * What the task's branch changes against its base. `fingerprint` is equal for equal changes of the same files: also
   * after work of others that does not meet it was brought in, but not when that changed one of its files.
   */
  changes(
    workspace: Workspace,
  ): Promise<{ readonly fingerprint: string; readonly files: readonly FileNumbers[] }>;
  /** How far the task's branch is from its base. */
  diffStat(workspace: Workspace): Promise<DiffStat>;
  /**
   * Merges `onto` into the worktree and leaves conflict markers in the files named. The next snapshot
   * becomes a commit with both parents.
   */
  bringIn(
    workspace: Workspace,
    onto: ObjectId,
  ): Promise<{ kind: 'clean' | 'conflicted'; files: readonly string[] }>;
  /**
   * Puts the worktree at `commit`, detached, for a verify. `restore` puts it back on its branch at `at` without
   * anything that is not in `at` (a verify's leftovers, what a read-only role changed); ignored files stay. What
   * either takes away is saved before.
   */
  checkout(workspace: Workspace, commit: ObjectId, saving: Saving): Promise<void>;
  restore(workspace: Workspace, at: ObjectId, saving: Saving): Promise<void>;
  /**
   * Ends the worktree and its branch when everything in it is merged, otherwise keeps both and says why.
   * `mergedHead` is the snapshot whose work the commit `mergedInto` holds, by whatever strategy it got there (after
   * a squash it is no ancestor); anything beyond `mergedHead`, committed or not, is unmerged work.
   */
  release(
    workspace: Workspace,
    options: { mergedInto: ObjectId; mergedHead: ObjectId },
  ): Promise<{ kind: 'removed' } | { kind: 'kept'; reason: string }>;
  /**
   * Saves what lies in the worktree and is in no commit of its task, while an agent may still be writing; changes
   * nothing in there. The next snapshot drops it again when it holds the same. Gives up after a moment (2 s).
   */
  save(workspace: Workspace, saving: Saving): Promise<void>;
  /** Worktrees whose directory is gone and leftovers of a crash are put in order; returns what was done, for people. */
  repair(): Promise<readonly string[]>;
}

export interface CommitMessage {
  readonly subject: string;
  readonly body?: string;
  /** `Key: value` lines, for example Codewalk-Task. */
  readonly trailers: Readonly<Record<string, string>>;
}

export type MergeResult =
  /** `commit` exists in the object database; no ref points at it yet. `unchanged`: nothing to merge, commit = onto. */
  | { kind: 'merged'; commit: ObjectId; tree: ObjectId }
  | { kind: 'unchanged' }
  | { kind: 'conflicted'; files: readonly string[] }
  /** It would bring in what leads out of the project: links to outside, repositories of others. Made, but not to be used. */
  | { kind: 'refused'; files: readonly string[]; reason: string }
  /** The strategy cannot do this: fast-forward of diverged branches. Bring `onto` into the branch first. */
  | { kind: 'diverged' };

/** The integration branch, worked on in the object database only. Throws `RemoteError` where hosts share it. */
export interface IntegrationRepo {
  /** Head of the branch; made from `from` (the target branch or HEAD) when it does not exist yet. */
  ensureBranch(branch: string, from: string | undefined): Promise<ObjectId>;
  head(branch: string): Promise<ObjectId | undefined>;
  /** Makes the merge commit of `head` onto `onto` by the strategy; moves no ref. */
  merge(options: {
    strategy: MergeStrategy;
    onto: ObjectId;
    head: ObjectId;
    base: ObjectId;
    message: CommitMessage;
  }): Promise<MergeResult>;
  /**
   * Compare-and-set. `moved`: the branch is no longer at `expected`, nothing was done. Throws `FencedError` when the
   * attempt that `workspace` belongs to is not the newest of its task any more.
   */
  advance(
    branch: string,
    options: { expected: ObjectId; to: ObjectId; reason: string; workspace?: Workspace },
  ): Promise<'advanced' | 'moved'>;
  isAncestor(commit: ObjectId, of: ObjectId): Promise<boolean>;
  /** Tasks (by trailer) whose merges changed one of `files` between `since` and `until`. */
  tasksTouching(options: {
    since: ObjectId;
    until: ObjectId;
    files: readonly string[];
  }): Promise<readonly TaskId[]>;
}

/** Saved work of one repository: what `Workspaces` took away, and what agents rewrote or left behind. */
export interface Recovery {
  /** Newest first. */
  list(filter: { readonly task?: TaskId }): Promise<readonly SavedWorkEntry[]>;
  /** The one whose id begins with `id`. Throws `UsageError` `UNKNOWN_SAVED_WORK` or `AMBIGUOUS_ID`. */
  find(id: string): Promise<SavedWork>;
  /** Unified diff of saved work against its base, cut at `maxBytes`. */
  diff(saved: SavedWork, options: { maxBytes: number }): Promise<string>;
  diffNumbers(saved: SavedWork): Promise<readonly FileNumbers[]>;
  /** A new branch at the saved commit. Throws `UsageError` `BRANCH_EXISTS` or `BRANCH_NAME`; `dryRun` makes none. */
  toBranch(saved: SavedWork, options: { branch: string; dryRun: boolean }): Promise<RestoredWork>;
  /**
   * Applies saved work to the worktree and branch of its task, which nobody may be working on. What is there is
   * committed and saved before. With conflicts nothing is changed.
   */
  toTask(saved: SavedWork, options: { dryRun: boolean }): Promise<RestoredWork | RefusedRestore>;
  /** Saves what lies in the worktree of a task that nobody works on; absent when there is nothing to save. */
  save(task: TaskId, saving: Saving): Promise<SavedWork | undefined>;
  /** Deletes the refs of these; git collects their objects in its own time. */
  drop(saved: readonly SavedWork[]): Promise<void>;
}

export interface RestoredWork {
  readonly kind: 'restored';
  readonly branch: string;
  readonly commit: ObjectId;
  /** The task's state before, as saved work; absent for a new branch. */
  readonly before: SavedWork | undefined;
}

export interface RefusedRestore {
  readonly kind: 'conflicted';
  readonly files: readonly string[];
}

/** Brings the integration branch into the branch that people use. */
export interface Delivery {
  /**
   * Moves `target` to a commit that contains `branch`: forward where possible, else to a merge commit. The user's
   * checkout changes only when it is on `target` and clean. Throws `UsageError` when a branch does not exist.
   */
  deliver(options: { branch: string; target: string }): Promise<DeliveryResult>;
}

export type DeliveryResult =
  /** `tasks` are those whose merges came in, oldest first. */
  | { kind: 'delivered'; commit: ObjectId; tasks: readonly TaskId[] }
  /** The target contains the branch already. */
  | { kind: 'nothing' }
  /** Nothing was changed. `files` stand in the way: they conflict, or would be overwritten. */
  | { kind: 'refused'; reason: string; advice: string; files: readonly string[] };

/** Runs a project's own command, such as `verify`, in a directory. */
export interface CommandRunner {
  run(options: {
    /** A command line of the project's owner, run as `sh -c <command>`. */
    command: string;
    cwd: string;
    env: Readonly<Record<string, string>>;
    /** Absent: it may reach all that the user may. */
    confinement?: Confinement;
    timeoutMs: number;
    signal: AbortSignal;
    onLine?: (line: string) => void;
  }): Promise<CommandResult>;
}

export type CommandResult =
  | { kind: 'exited'; code: number; outputTail: string; durationMs: number }
  | { kind: 'stopped'; reason: 'timeout' | 'signal'; outputTail: string; durationMs: number };
