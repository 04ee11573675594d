import { CodewalkError } from '../src/core/errors.ts';
import { type ObjectId, objectId, type TaskId } from '../src/core/ids.ts';
import { FencedError, type TaskFence } from '../src/core/workspaces/fence.ts';
import type {
  CommandResult,
  CommandRunner,
  IntegrationRepo,
  MergeResult,
  Workspace,
  Workspaces,
} from '../src/core/workspaces/ports.ts';
import type { Machine } from './machine.ts';

/** How often git and the project's own commands do not do what one hopes. */
export interface RepositoryFaults {
  /** A worktree cannot be made or removed. */
  readonly broken: number;
  readonly conflict: number;
  readonly verifyFails: number;
  /** The branch moved, but whoever moved it hears of an error. */
  readonly lostAnswer: number;
}

interface Commit {
  readonly parents: readonly ObjectId[];
  readonly task: string | undefined;
  /** Which work it holds; of a merge, which it brings in. */
  readonly work: string | undefined;
}

interface TaskBranch {
  head: ObjectId;
  base: ObjectId;
  /** Another one whenever what its agents wrote becomes a commit. */
  work: string;
  /** Files that no commit has yet. */
  isDirty: boolean;
  /** What the next snapshot has for a second parent. */
  merging: ObjectId | undefined;
}

/** Whose attempt may move the refs of a task. */
interface HeldFence {
  readonly fence: number;
  readonly mark: ObjectId;
}

/** One repository that every process reaches: commits, task branches, worktrees and the integration branch. */
export class SimRepository {
  /** Every move of the integration branch, oldest first. */
  readonly line: {
    readonly commit: ObjectId;
    readonly task: string | undefined;
    readonly by: string;
    readonly work: string | undefined;
  }[] = [];
  readonly #commits = new Map<ObjectId, Commit>();
  readonly #branches = new Map<string, TaskBranch>();
  readonly #fences = new Map<string, HeldFence>();
  /** Where on the line a commit first came in. */
  readonly #since = new Map<ObjectId, number>();
  readonly #faults: () => RepositoryFaults;
  #next = 0;

  constructor(faults: () => RepositoryFaults) {
    this.#faults = faults;
    this.#moveTo(this.#commit([], undefined), undefined, 'nobody');
  }

  get head(): ObjectId {
    return this.#last.commit;
  }

  /** An agent changes a file in the task's worktree. */
  write(task: string): void {
    const branch = this.#branches.get(task);
    if (branch !== undefined) branch.isDirty = true;
  }

  workspaces(machine: Machine): Workspaces {
    const { chance } = machine;
    const git = (what: string, ms = 20) => machine.gate(`git ${what}`, chance.below(ms));
    const branchOf = ({ task }: Workspace): TaskBranch => {
      const branch = this.#branches.get(task);
      if (branch === undefined) throw new CodewalkError('WORKSPACE_FAILED', `There is no branch cw/${task}`);
      return branch;
    };
    return {
      raiseFence: async (attempt) => {
        await git('update-ref');
        return this.#raiseFence(attempt);
      },
      open: async ({ task, base, fence }) => {
        await git('worktree add', 200);
        this.#checkFence(fence);
        if (chance.happens(this.#faults().broken)) {
          throw new CodewalkError('WORKSPACE_FAILED', `The worktree of ${task} cannot be made`);
        }
        const known = this.#branches.get(task);
        if (known === undefined) {
          this.#branches.set(task, { head: base, base, work: 'nothing', isDirty: false, merging: undefined });
        }
        return {
          task,
          path: `/worktrees/${task}`,
          branch: `cw/${task}`,
          base: known?.base ?? base,
          reused: known !== undefined,
          fence,
        };
      },
      snapshot: async (workspace) => {
        await git('commit');
        this.#checkFence(workspace.fence);
        const branch = branchOf(workspace);
        if (!branch.isDirty && branch.merging === undefined) return { kind: 'clean', commit: branch.head };
        const parents =
          branch.merging === undefined ? [branch.head] : ([branch.head, branch.merging] as const);
        if (branch.isDirty) branch.work = `work ${this.#next + 1}`;
        branch.head = this.#commit(parents, workspace.task, branch.work);
        branch.isDirty = false;
        branch.merging = undefined;
        return { kind: 'committed', commit: branch.head, files: 1 };
      },
      // One repository, which all machines see.
      settle: async () => {},
      diff: async () => {
        await git('diff');
        return 'diff --git a/a b/a\n';
      },
      unresolved: async (_workspace, files) => {
        await git('diff --check');
        return chance.happens(this.#faults().conflict) ? files : [];
      },
      changes: async (workspace) => {
        await git('diff --raw');
        return { fingerprint: branchOf(workspace).work, files: [] };
      },
      diffStat: async () => {
        await git('diff --stat');
        return { files: 1, insertions: 1, deletions: 0 };
      },
      bringIn: async (workspace, onto) => {
        await git('merge');
        this.#checkFence(workspace.fence);
        const branch = branchOf(workspace);
        branch.merging = onto;
        branch.base = onto;
        const isConflicted = chance.happens(this.#faults().conflict);
        return { kind: isConflicted ? 'conflicted' : 'clean', files: isConflicted ? ['shared.txt'] : [] };
      },
      checkout: async () => await git('checkout'),
      restore: async (workspace) => {
        await git('restore');
        this.#checkFence(workspace.fence);
        branchOf(workspace).isDirty = false;
      },
      save: async () => await git('save'),
      release: async (workspace, { mergedHead }) => {
        await git('worktree remove');
        if (chance.happens(this.#faults().broken)) {
          throw new CodewalkError('WORKSPACE_FAILED', `The worktree of ${workspace.task} cannot be removed`);
        }
        const branch = this.#branches.get(workspace.task);
        if (branch?.isDirty === true || (branch !== undefined && branch.head !== mergedHead)) {
          return { kind: 'kept', reason: 'it holds work that is not merged' };
        }
        this.#checkFence(workspace.fence);
        this.#branches.delete(workspace.task);
        this.#fences.delete(workspace.task);
        return { kind: 'removed' };
      },
      repair: async () => [],
    };
  }

  integration(machine: Machine): IntegrationRepo {
    const { chance } = machine;
    const git = (what: string, ms = 10) => machine.gate(`git ${what}`, chance.below(ms));
    return {
      ensureBranch: async () => {
        await git('rev-parse');
        return this.head;
      },
      head: async () => {
        await git('rev-parse');
        return this.head;
      },
      merge: async ({ onto, head }): Promise<MergeResult> => {
        await git('merge-tree', 200);
        if (this.#isIn(head, onto)) return { kind: 'unchanged' };
        if (chance.happens(this.#faults().conflict)) return { kind: 'conflicted', files: ['shared.txt'] };
        const { task, work } = this.#commits.get(head) ?? {};
        const commit = this.#commit([onto, head], task, work);
        return { kind: 'merged', commit, tree: this.#id() };
      },
      advance: async (_branch, { expected, to, workspace }) => {
        await git('update-ref');
        this.#checkFence(workspace?.fence);
        if (expected !== this.head) return 'moved';
        this.#moveTo(to, this.#commits.get(to)?.task, machine.name);
        await git('update-ref answered');
        if (chance.happens(this.#faults().lostAnswer)) throw new Error('git was killed');
        return 'advanced';
      },
      isAncestor: async (commit, of) => {
        await git('merge-base');
        return this.#isIn(commit, of);
      },
      tasksTouching: async (): Promise<readonly TaskId[]> => {
        await git('log');
        return [];
      },
    };
  }

  commands(machine: Machine): CommandRunner {
    const { chance } = machine;
    return {
      run: async ({ signal }): Promise<CommandResult> => {
        const durationMs = chance.between(10, 5_000);
        await machine.clock.sleep(durationMs, signal);
        if (signal.aborted) return { kind: 'stopped', reason: 'signal', outputTail: '', durationMs };
        const code = chance.happens(this.#faults().verifyFails) ? 1 : 0;
        return { kind: 'exited', code, outputTail: 'checked', durationMs };
      },
    };
  }

  get #last() {
    const last = this.line.at(-1);
    if (last === undefined) throw new Error('The branch has no commit');
    return last;
  }

  #id(): ObjectId {
    this.#next += 1;
    return objectId.parse(this.#next.toString(16).padStart(40, '0'));
  }

  #raiseFence({ task, fence }: { task: TaskId; fence: number }): TaskFence {
    const held = this.#fences.get(task);
    if (held !== undefined && held.fence > fence) throw new FencedError({ task, fence }, held.fence);
    const mark = held?.fence === fence ? held.mark : this.#id();
    this.#fences.set(task, { fence, mark });
    return { task, fence, mark };
  }

  #checkFence(holder: TaskFence | undefined): void {
    if (holder === undefined) return;
    const held = this.#fences.get(holder.task);
    if (held?.mark !== holder.mark) throw new FencedError(holder, held?.fence);
  }

  #commit(parents: readonly ObjectId[], task: string | undefined, work?: string): ObjectId {
    const id = this.#id();
    this.#commits.set(id, { parents, task, work });
    return id;
  }

  #moveTo(commit: ObjectId, task: string | undefined, by: string): void {
    this.line.push({ commit, task, by, work: this.#commits.get(commit)?.work });
    const reached = [commit];
    for (let id = reached.pop(); id !== undefined; id = reached.pop()) {
      if (this.#since.has(id)) continue;
      this.#since.set(id, this.line.length);
      reached.push(...(this.#commits.get(id)?.parents ?? []));
    }
  }

  /** Is `commit` in the history of `of`? What was the head of the line once needs no walk. */
  #isIn(commit: ObjectId, of: ObjectId): boolean {
    const since = this.#since.get(commit);
    const at = this.#since.get(of);
    if (at !== undefined) return since !== undefined && since <= at;
    if (commit === of) return true;
    return (this.#commits.get(of)?.parents ?? []).some((parent) => this.#isIn(commit, parent));
  }
}
