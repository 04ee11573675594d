import { existsSync } from 'node:fs';
import { CodewalkError, messageOf } from '../../core/errors.ts';
import type { ObjectId, TaskId } from '../../core/ids.ts';
import type {
  CommitMessage,
  DiffStat,
  SnapshotResult,
  Workspace,
  Workspaces,
} from '../../core/workspaces/ports.ts';
import { taskBranch } from '../../core/workspaces/task-branch.ts';
import { bringIn } from './bring-in.ts';
import { filesWithMarkers } from './conflict-markers.ts';
import { diffNumbers, diffText } from './diff.ts';
import { adoptDirectory, openWorkspace } from './open-workspace.ts';
import type { Released } from './release.ts';
import { releaseWorktree } from './release.ts';
import { repairWorktrees } from './repair.ts';
import type { Repository } from './repository.ts';
import { restoreWorktree, showDetached } from './restore.ts';
import { requireDirectory, takeSnapshot } from './snapshot.ts';
import { taskRefs } from './task-refs.ts';
import { Worktree } from './worktree.ts';

const DEFAULT_POOL_SIZE = 4;

/** Worktrees below `.codewalk/worktrees`, one for each task; a released one waits in a pool for the next task. */
export class GitWorkspaces implements Workspaces {
  readonly #repo: Repository;
  readonly #integrationBranch: string;
  readonly #poolSize: number;

  /** `poolSize`: how many released worktrees wait; best the number of agents. */
  constructor(repo: Repository, options: { integrationBranch: string; poolSize?: number }) {
    this.#repo = repo;
    this.#integrationBranch = options.integrationBranch;
    this.#poolSize = options.poolSize ?? DEFAULT_POOL_SIZE;
  }

  async open({ task, base }: { task: TaskId; base: ObjectId }): Promise<Workspace> {
    try {
      const branch = taskBranch(task, this.#integrationBranch);
      return await openWorkspace(this.#repo, { task, branch, base });
    } catch (cause) {
      throw new CodewalkError('WORKSPACE_FAILED', `No worktree for task ${task}: ${messageOf(cause)}`, {
        advice:
          (cause instanceof CodewalkError ? cause.advice : undefined) ?? 'Mend that, then retry the task.',
        cause,
      });
    }
  }

  async snapshot(workspace: Workspace, message: CommitMessage): Promise<SnapshotResult> {
    const worktree = await this.#worktree(workspace);
    await worktree.breakStaleLock();
    return takeSnapshot(worktree, taskRefs(workspace.branch), message);
  }

  async diff(workspace: Workspace, { maxBytes }: { maxBytes: number }): Promise<string> {
    return diffText(this.#repo, { ...(await this.#range(workspace)), maxBytes });
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
    await worktree.breakStaleLock();
    return bringIn(worktree, { branch: workspace.branch, onto, ontoName: this.#integrationBranch });
  }

  async checkout(workspace: Workspace, commit: ObjectId): Promise<void> {
    await showDetached(await this.#worktree(workspace), commit);
  }

  async restore(workspace: Workspace, at: ObjectId): Promise<void> {
    await restoreWorktree(await this.#worktree(workspace), taskRefs(workspace.branch), at);
  }

  async release(
    workspace: Workspace,
    { mergedInto, mergedHead }: { mergedInto: ObjectId; mergedHead: ObjectId },
  ): Promise<Released> {
    if (!existsSync(workspace.path))
      return { kind: 'kept', reason: 'its directory is gone; its branch stays' };
    const worktree = await this.#worktree(workspace);
    await worktree.breakStaleLock();
    return releaseWorktree(worktree, taskRefs(workspace.branch), {
      mergedInto,
      mergedHead,
      poolSize: this.#poolSize,
    });
  }

  repair(): Promise<readonly string[]> {
    return repairWorktrees(this.#repo, { poolSize: this.#poolSize });
  }

  async #worktree(workspace: Workspace): Promise<Worktree> {
    requireDirectory(workspace.path, workspace.task);
    const worktree = Worktree.at(this.#repo, workspace.task);
    worktree?.connect();
    return worktree ?? adoptDirectory(this.#repo, workspace.task, workspace.branch);
  }

  /** What the task changed: since it was last brought up to the integration branch. */
  async #range(workspace: Workspace): Promise<{ from: ObjectId; to: ObjectId }> {
    const refs = taskRefs(workspace.branch);
    const to = (await this.#repo.commit(refs.branch)) ?? (await this.#repo.requireCommit(refs.work));
    const integration = await this.#repo.commit(`refs/heads/${this.#integrationBranch}`);
    const shared = integration === undefined ? undefined : await this.#repo.mergeBase(to, integration);
    return { from: shared === undefined || shared === to ? workspace.base : shared, to };
  }
}
