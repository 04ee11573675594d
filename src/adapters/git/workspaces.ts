import { existsSync } from 'node:fs';
import { CodewalkError, messageOf } from '../../core/errors.ts';
import type { ObjectId, TaskId } from '../../core/ids.ts';
import { FencedError, type TaskFence } from '../../core/workspaces/fence.ts';
import type {
  CommitMessage,
  DiffStat,
  FileNumbers,
  SnapshotResult,
  Workspace,
  Workspaces,
} from '../../core/workspaces/ports.ts';
import type { SavedWork, Saving } from '../../core/workspaces/saved-work.ts';
import { taskBranch } from '../../core/workspaces/task-branch.ts';
import { bringIn } from './bring-in.ts';
import { filesWithMarkers } from './conflict-markers.ts';
import { measure } from './contained.ts';
import { changesFingerprint, diffNumbers, diffText } from './diff.ts';
import { raiseFence } from './fences.ts';
import { adoptDirectory, openWorkspace } from './open-workspace.ts';
import type { Released, Retiring } from './release.ts';
import { releaseWorktree } from './release.ts';
import { repairWorktrees } from './repair.ts';
import type { Repository } from './repository.ts';
import { restoreWorktree, showDetached } from './restore.ts';
import { saveFiles, saveWhileWritten } from './save-worktree.ts';
import { savedRef } from './saved-commit.ts';
import type { SharedTasks } from './shared-tasks.ts';
import { requireDirectory, takeSnapshot } from './snapshot.ts';
import { type TaskRefs, taskRefs } from './task-refs.ts';
import { Worktree } from './worktree.ts';

const DEFAULT_POOL_SIZE = 4;

/** Worktrees below `.codewalk/worktrees`, one for each task; a released one waits in a pool for the next task. */
export class GitWorkspaces implements Workspaces {
  readonly #repo: Repository;
  readonly #integrationBranch: string;
  readonly #retiring: Retiring;
  readonly #era: () => Promise<string>;
  readonly #shared: SharedTasks | undefined;
  /** What `save` wrote last for each task, until the snapshot that follows. */
  readonly #saved = new Map<TaskId, SavedWork>();

  /**
   * `poolSize`: best the number of agents. `era` names the life of the store that counts the fences, see `raiseFence`;
   * what runs no attempts needs none. `shared`: other hosts work on the same tasks.
   */
  constructor(
    repo: Repository,
    options: {
      integrationBranch: string;
      era?: () => Promise<string>;
      shared?: SharedTasks | undefined;
    } & Partial<Retiring>,
  ) {
    this.#repo = repo;
    this.#integrationBranch = options.integrationBranch;
    this.#retiring = { poolSize: options.poolSize ?? DEFAULT_POOL_SIZE, onRetire: options.onRetire };
    this.#shared = options.shared;
    this.#era = options.era ?? (async () => '');
  }

  async raiseFence({ task, fence }: { task: TaskId; fence: number }): Promise<TaskFence> {
    const refs = taskRefs(taskBranch(task, this.#integrationBranch));
    const claim = { task, fence, era: await this.#era() };
    // The remote first: what it refuses leaves nothing here.
    const shared = await this.#shared?.raise(refs, claim);
    const raised = await raiseFence(this.#repo, refs, claim);
    if (shared !== undefined) this.#shared?.bind(raised, shared);
    return raised;
  }

  async open(options: { task: TaskId; base: ObjectId; fence?: TaskFence }): Promise<Workspace> {
    const { task, base, fence } = options;
    try {
      const branch = taskBranch(task, this.#integrationBranch);
      const incoming = fence === undefined ? undefined : this.#shared?.lastSnapshot(fence);
      return await openWorkspace(this.#repo, { task, branch, base, fence, incoming });
    } catch (cause) {
      if (cause instanceof FencedError) throw cause;
      throw new CodewalkError('WORKSPACE_FAILED', `No worktree for task ${task}: ${messageOf(cause)}`, {
        advice:
          (cause instanceof CodewalkError ? cause.advice : undefined) ?? 'Mend that, then retry the task.',
        cause,
      });
    }
  }

  async snapshot(workspace: Workspace, message: CommitMessage): Promise<SnapshotResult> {
    const worktree = await this.#worktree(workspace);
    await worktree.breakStaleLocks();
    const refs = refsOf(workspace);
    const result = await takeSnapshot(worktree, refs, message);
    await this.#dropContained(workspace.task, refs, result.commit);
    if (workspace.fence !== undefined) this.#shared?.publish(workspace.fence, result.commit);
    return result;
  }

  /** What was saved before an agent was stopped is mostly in the snapshot that follows, and then not needed. */
  async #dropContained(task: TaskId, refs: TaskRefs, snapshot: ObjectId): Promise<void> {
    const saved = this.#saved.get(task);
    if (saved === undefined) return;
    this.#saved.delete(task);
    const [measured] = await measure(this.#repo, [{ saved, heads: [snapshot] }]);
    if (measured?.contained !== true) return;
    const ref = savedRef(refs, saved.commit);
    await this.#repo.refs.change([{ ref, from: await this.#repo.commit(ref), to: undefined }]);
  }

  async diff(workspace: Workspace, { maxBytes }: { maxBytes: number }): Promise<string> {
    return diffText(this.#repo, { ...(await this.#range(workspace)), maxBytes });
  }

  async changes(workspace: Workspace): Promise<{ fingerprint: string; files: readonly FileNumbers[] }> {
    const range = await this.#range(workspace);
    return {
      fingerprint: await changesFingerprint(this.#repo, range),
      files: await diffNumbers(this.#repo, range),
    };
  }

  async diffStat(workspace: Workspace): Promise<DiffStat> {
    const files = await diffNumbers(this.#repo, await this.#range(workspace));
    return {
      files: files.length,
      insertions: files.reduce((sum, file) => sum + file.insertions, 0),
      deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    };
  }

  async unresolved(workspace: Workspace, files: readonly string[]): Promise<readonly string[]> {
    requireDirectory(workspace.path, workspace.task);
    return filesWithMarkers(workspace.path, files);
  }

  async bringIn(
    workspace: Workspace,
    onto: ObjectId,
  ): Promise<{ kind: 'clean' | 'conflicted'; files: readonly string[] }> {
    const worktree = await this.#worktree(workspace);
    await worktree.breakStaleLocks();
    await saveFiles(worktree, refsOf(workspace), { reason: 'merge' });
    return bringIn(worktree, { branch: workspace.branch, onto, ontoName: this.#integrationBranch });
  }

  async checkout(workspace: Workspace, commit: ObjectId, saving: Saving): Promise<void> {
    const worktree = await this.#worktree(workspace);
    await showDetached(worktree, refsOf(workspace), { commit, saving });
  }

  async restore(workspace: Workspace, at: ObjectId, saving: Saving): Promise<void> {
    const worktree = await this.#worktree(workspace);
    await restoreWorktree(worktree, refsOf(workspace), { at, saving });
  }

  async save(workspace: Workspace, saving: Saving): Promise<void> {
    const worktree = Worktree.at(this.#repo, workspace.task);
    if (worktree === undefined || !existsSync(workspace.path)) return;
    const saved = await saveWhileWritten(worktree, refsOf(workspace), saving);
    if (saved !== undefined) this.#saved.set(workspace.task, saved);
  }

  async release(
    workspace: Workspace,
    { mergedInto, mergedHead }: { mergedInto: ObjectId; mergedHead: ObjectId },
  ): Promise<Released> {
    if (!existsSync(workspace.path))
      return { kind: 'kept', reason: 'its directory is gone; its branch stays' };
    const worktree = await this.#worktree(workspace);
    await worktree.breakStaleLocks();
    // After a squash on another host the snapshot never comes here.
    const merged = { mergedInto, mergedHead: (await this.#repo.commit(mergedHead)) ?? mergedInto };
    if (this.#shared !== undefined && workspace.fence === undefined) {
      await this.#giveWay(worktree, refsOf(workspace), merged.mergedHead);
    }
    await this.#endShared(workspace, merged);
    return releaseWorktree(worktree, refsOf(workspace), { ...merged, ...this.#retiring });
  }

  /**
   * What was made here of a task that another host has merged since then (at `merged`) is saved: nobody comes back to
   * its worktree.
   */
  async #giveWay(worktree: Worktree, refs: TaskRefs, merged: ObjectId): Promise<void> {
    const here = (await this.#repo.commit(refs.work)) ?? (await this.#repo.commit(refs.branch));
    // Whoever merged it here has what was merged in its branch; what lies beside that, a person may have put there.
    if (here === undefined || (await this.#repo.isAncestor(merged, here))) return;
    await restoreWorktree(worktree, refs, { at: merged, saving: { reason: 'elsewhere' } });
  }

  async settle({ fence }: Workspace): Promise<void> {
    if (fence !== undefined) await this.#shared?.settle(fence);
  }

  /** At the remote first: what fails there leaves the worktree, whose end is then tried again. */
  async #endShared(
    workspace: Workspace,
    { mergedInto, mergedHead }: { mergedInto: ObjectId; mergedHead: ObjectId },
  ): Promise<void> {
    await this.#shared?.end(refsOf(workspace), async (commit) => {
      return (
        (await this.#repo.isAncestor(commit, mergedHead)) || (await this.#repo.isAncestor(commit, mergedInto))
      );
    });
  }

  repair(): Promise<readonly string[]> {
    return repairWorktrees(this.#repo, this.#retiring);
  }

  async #worktree(workspace: Workspace): Promise<Worktree> {
    requireDirectory(workspace.path, workspace.task);
    const worktree = Worktree.at(this.#repo, workspace.task);
    worktree?.connect();
    return worktree ?? adoptDirectory(this.#repo, workspace.task, workspace.branch);
  }

  /** What the task changed: since it was last brought up to the integration branch. */
  async #range(workspace: Workspace): Promise<{ from: ObjectId; to: ObjectId }> {
    const refs = refsOf(workspace);
    const to = (await this.#repo.commit(refs.branch)) ?? (await this.#repo.requireCommit(refs.work));
    const integration = await this.#repo.commit(`refs/heads/${this.#integrationBranch}`);
    const shared = integration === undefined ? undefined : await this.#repo.mergeBase(to, integration);
    return { from: shared === undefined || shared === to ? workspace.base : shared, to };
  }
}

function refsOf({ branch, fence }: Workspace): TaskRefs {
  return taskRefs(branch, fence);
}
