import { type ObjectId, objectId, type TaskId } from '../../src/core/ids.ts';
import { FencedError } from '../../src/core/workspaces/fence.ts';
import type {
  CommandResult,
  CommandRunner,
  IntegrationRepo,
  MergeResult,
  Workspace,
  Workspaces,
} from '../../src/core/workspaces/ports.ts';

/** What the fake repository is told to answer. */
export interface FakeRepoScript {
  /** Files that conflict when this task merges; asked at every merge. */
  conflicts?: (task: string) => readonly string[];
  /** Files that still hold markers after a conflict step; asked before every merge that follows one. */
  unresolved?: (task: string) => readonly string[];
  /** What the work of this task is now; equal for equal work. */
  work?: (task: string) => string;
  /** Exit code of the verify command for this task; asked at every run. */
  verify?: (task: string) => number | Promise<number>;
  /** Called before a worktree is made; throw to make it fail. */
  onOpen?: (task: string) => void | Promise<void>;
  /** Called before a worktree is ended; throw to make it fail. */
  onRelease?: (task: string) => void;
}

/**
 * A repository in memory: worktrees are names, every snapshot is a new commit, a branch is its newest commit and
 * the list of those before it. Enough for the engine; git itself is tested in test/git.
 */
export class FakeRepo {
  readonly script: FakeRepoScript;
  /** Tasks in the order in which they entered the integration branch. */
  readonly merged: string[] = [];
  readonly open = new Set<string>();
  readonly released: string[] = [];
  readonly snapshots: string[] = [];
  #next = 1;
  #owners = new Map<ObjectId, string>();
  #line: ObjectId[] = [];
  #fences = new Map<TaskId, number>();

  constructor(script: FakeRepoScript = {}) {
    this.script = script;
    this.#line.push(this.#id());
  }

  #id(): ObjectId {
    return objectId.parse((this.#next++).toString(16).padStart(40, '0'));
  }

  get #head(): ObjectId {
    const head = this.#line.at(-1);
    if (head === undefined) throw new Error('The branch has no commit');
    return head;
  }

  /** The newest commit of the integration branch. */
  get headId(): ObjectId {
    return this.#head;
  }

  readonly workspaces: Workspaces = {
    raiseFence: async ({ task, fence }) => {
      this.#fences.set(task, fence);
      return { task, fence, mark: this.#id() };
    },
    open: async ({ task, base, fence }): Promise<Workspace> => {
      await this.script.onOpen?.(task);
      const reused = this.open.has(task);
      this.open.add(task);
      return { task, path: `/worktrees/${task}`, branch: `cw/${task}`, base, reused, fence };
    },
    snapshot: async (workspace) => {
      const { task, fence } = workspace;
      const held = this.#fences.get(task);
      if (fence !== undefined && held !== fence.fence) throw new FencedError(fence, held);
      const commit = this.#id();
      this.#owners.set(commit, workspace.task);
      this.snapshots.push(workspace.task);
      return { kind: 'committed', commit, files: 1 };
    },
    settle: async () => {},
    diff: async () => 'diff --git a/a b/a\n',
    unresolved: async ({ task }) => this.script.unresolved?.(task) ?? [],
    changes: async ({ task }) => ({
      fingerprint: this.script.work?.(task) ?? 'the same',
      files: [{ path: 'a', status: 'added', insertions: 1, deletions: 0, binary: false }],
    }),
    diffStat: async () => ({ files: 1, insertions: 1, deletions: 0 }),
    bringIn: async (workspace) => {
      const files = this.script.conflicts?.(workspace.task) ?? [];
      return { kind: files.length === 0 ? 'clean' : 'conflicted', files };
    },
    checkout: async () => {},
    restore: async () => {},
    save: async () => {},
    release: async (workspace) => {
      this.script.onRelease?.(workspace.task);
      this.open.delete(workspace.task);
      this.released.push(workspace.task);
      return { kind: 'removed' };
    },
    repair: async () => [],
  };

  readonly integration: IntegrationRepo = {
    ensureBranch: async () => this.#head,
    head: async () => this.#head,
    merge: async ({ head }): Promise<MergeResult> => {
      const task = this.#owners.get(head) ?? '';
      const files = this.script.conflicts?.(task) ?? [];
      if (files.length > 0) return { kind: 'conflicted', files };
      const commit = this.#id();
      this.#owners.set(commit, task);
      return { kind: 'merged', commit, tree: this.#id() };
    },
    advance: async (_branch, { expected, to }) => {
      if (expected !== this.#head) return 'moved';
      this.#line.push(to);
      this.merged.push(this.#owners.get(to) ?? '');
      return 'advanced';
    },
    isAncestor: async (commit, of) =>
      this.#line.includes(commit) || (this.#owners.get(commit) === this.#owners.get(of) && commit <= of),
    tasksTouching: async (): Promise<readonly TaskId[]> => [],
  };

  readonly commands: CommandRunner = {
    run: async ({ env }): Promise<CommandResult> => ({
      kind: 'exited',
      code: (await this.script.verify?.(env['CW_TASK_ID'] ?? '')) ?? 0,
      outputTail: 'checked',
      durationMs: 1,
    }),
  };
}
