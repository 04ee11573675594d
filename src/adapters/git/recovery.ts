import { crashPoint } from '../../core/crash-points.ts';
import { UsageError } from '../../core/errors.ts';
import type { ObjectId, TaskId } from '../../core/ids.ts';
import { nearest } from '../../core/source/nearest.ts';
import type {
  FileNumbers,
  Recovery,
  RefusedRestore,
  RestoredWork,
  Workspaces,
} from '../../core/workspaces/ports.ts';
import type { SavedWork, SavedWorkEntry, Saving } from '../../core/workspaces/saved-work.ts';
import { taskBranch } from '../../core/workspaces/task-branch.ts';
import { branchRef } from './branch-name.ts';
import { measure } from './contained.ts';
import { diffNumbers, diffText } from './diff.ts';
import type { Repository } from './repository.ts';
import { saveFiles } from './save-worktree.ts';
import { parseSaved, saveCommit, savedCommits, savedRef } from './saved-commit.ts';
import { SAVED, type TaskRefs, taskRefs } from './task-refs.ts';
import { mergeWithBase } from './three-way.ts';
import { Worktree } from './worktree.ts';

/** Saved work below `refs/codewalk/saved`. Everything that it knows about it stands in git. */
export class GitRecovery implements Recovery {
  readonly #repo: Repository;
  readonly #workspaces: Workspaces;
  readonly #integrationBranch: string;

  constructor(repo: Repository, options: { workspaces: Workspaces; integrationBranch: string }) {
    this.#repo = repo;
    this.#workspaces = options.workspaces;
    this.#integrationBranch = options.integrationBranch;
  }

  async list({ task }: { task?: TaskId }): Promise<readonly SavedWorkEntry[]> {
    const all = (await this.#all()).filter((saved) => task === undefined || saved.task === task);
    const integration = await this.#repo.commit(branchRef(this.#integrationBranch));
    const questions = await Promise.all(
      all.map(async (saved) => {
        const own = await this.#repo.commit(this.#refsOf(saved.task).branch);
        return { saved, heads: [integration, own].filter((head) => head !== undefined) };
      }),
    );
    const measured = await measure(this.#repo, questions);
    return measured
      .map(({ saved, ...numbers }) => ({ ...saved, ...numbers }))
      .toSorted((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
  }

  async find(id: string): Promise<SavedWork> {
    const all = await this.#all();
    const found = all.filter((saved) => saved.id.startsWith(id.toLowerCase()));
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    if (only !== undefined) {
      throw new UsageError('AMBIGUOUS_ID', `${found.length} pieces of saved work begin with ${id}`, {
        advice: `say more of it: ${found.map((each) => each.id).join(', ')}`,
      });
    }
    const meant = nearest(
      id,
      all.map((each) => each.id),
    );
    throw new UsageError('UNKNOWN_SAVED_WORK', `there is no saved work ${JSON.stringify(id)}`, {
      advice: meant === undefined ? 'cw recover list shows all' : `did you mean ${meant}?`,
    });
  }

  diff(saved: SavedWork, { maxBytes }: { maxBytes: number }): Promise<string> {
    return diffText(this.#repo, { from: saved.base, to: saved.commit, maxBytes });
  }

  diffNumbers({ base, commit }: SavedWork): Promise<readonly FileNumbers[]> {
    return diffNumbers(this.#repo, { from: base, to: commit });
  }

  async toBranch(
    saved: SavedWork,
    { branch, dryRun }: { branch: string; dryRun: boolean },
  ): Promise<RestoredWork> {
    const ref = branchRef(branch);
    if ((await this.#repo.commit(ref)) !== undefined) {
      throw new UsageError('BRANCH_EXISTS', `the branch ${branch} exists already; it is left as it is`, {
        advice: `choose another: cw recover restore ${saved.id} --to ${branch}-2`,
      });
    }
    if (!dryRun) await this.#repo.refs.change([{ ref, from: undefined, to: saved.commit }]);
    return { kind: 'restored', branch, commit: saved.commit, before: undefined };
  }

  async toTask(saved: SavedWork, { dryRun }: { dryRun: boolean }): Promise<RestoredWork | RefusedRestore> {
    const { task, base } = saved;
    const refs = this.#refsOf(task);
    const ours = dryRun ? await this.#headOf(refs, base) : await this.#committed(task, base);
    const merged = await mergeWithBase(this.#repo, { base, ours, theirs: saved.commit });
    if (merged.conflicts.length > 0) return { kind: 'conflicted', files: merged.conflicts };
    const branch = taskBranch(task, this.#integrationBranch);
    if (dryRun) return { kind: 'restored', branch, commit: ours, before: undefined };
    const before = await saveCommit(
      this.#repo,
      refs,
      { task, commit: ours, keeps: base },
      { reason: 'recover' },
    );
    crashPoint('recover.saved');
    const message = `Restore saved work ${saved.id}\n\nCodewalk-Task: ${task}\nCodewalk-Restored: ${saved.commit}\n`;
    const commit = await this.#repo.commits.write({ tree: merged.tree, parents: [ours], message });
    await this.#repo.refs.change([
      { ref: refs.branch, from: ours, to: commit },
      { ref: refs.work, from: await this.#repo.commit(refs.work), to: commit },
    ]);
    crashPoint('recover.named');
    const worktree = Worktree.at(this.#repo, task);
    worktree?.setHead({ ref: refs.branch });
    await worktree?.showCommit(commit);
    crashPoint('recover.shown');
    return { kind: 'restored', branch, commit, before };
  }

  async save(task: TaskId, saving: Saving): Promise<SavedWork | undefined> {
    const worktree = Worktree.at(this.#repo, task);
    if (worktree === undefined || worktree.marker.state === 'pooled') return undefined;
    await worktree.breakStaleLocks();
    return await saveFiles(worktree, this.#refsOf(task), saving);
  }

  async drop(saved: readonly SavedWork[]): Promise<void> {
    await this.#repo.refs.change(
      saved.map(({ task, commit }) => ({
        ref: savedRef(this.#refsOf(task), commit),
        from: commit,
        to: undefined,
      })),
    );
  }

  async #all(): Promise<readonly SavedWork[]> {
    const commits = await savedCommits(this.#repo, SAVED);
    const parsed = commits.map(async (commit) => parseSaved(commit, await this.#repo.objects.commit(commit)));
    return (await Promise.all(parsed)).filter((saved) => saved !== undefined);
  }

  /** The task's branch with everything that lies in its worktree, which is made when there is none. */
  async #committed(task: TaskId, base: ObjectId): Promise<ObjectId> {
    const integration = await this.#repo.commit(branchRef(this.#integrationBranch));
    const workspace = await this.#workspaces.open({ task, base: integration ?? base });
    const { commit } = await this.#workspaces.snapshot(workspace, {
      subject: `${task}: what lay in the worktree`,
      trailers: { 'Codewalk-Task': task },
    });
    return commit;
  }

  async #headOf(refs: TaskRefs, base: ObjectId): Promise<ObjectId> {
    const own = (await this.#repo.commit(refs.work)) ?? (await this.#repo.commit(refs.branch));
    return own ?? (await this.#repo.commit(branchRef(this.#integrationBranch))) ?? base;
  }

  #refsOf(task: TaskId): TaskRefs {
    return taskRefs(taskBranch(task, this.#integrationBranch));
  }
}
