import { crashPoint } from '../../core/crash-points.ts';
import { CodewalkError, UsageError } from '../../core/errors.ts';
import type { ObjectId, TaskId } from '../../core/ids.ts';
import { taskId } from '../../core/ids.ts';
import type { CommitMessage, IntegrationRepo, MergeResult } from '../../core/workspaces/ports.ts';
import { branchRef } from './branch-name.ts';
import { checkedOutAt } from './checked-out.ts';
import { messageText } from './commit-message.ts';
import { escapes } from './escapes.ts';
import { throwIfFenced } from './fences.ts';
import { GitError } from './git-error.ts';
import { mergeTrees } from './merge-trees.ts';
import { replay } from './replay.ts';
import type { Repository } from './repository.ts';
import { taskRefs } from './task-refs.ts';

const MAX_FILES = 500;

type MergeOptions = Parameters<IntegrationRepo['merge']>[0];
type AdvanceOptions = Parameters<IntegrationRepo['advance']>[1];

/** The integration branch, worked on in the object database: no checkout, no index. */
export class GitIntegration implements IntegrationRepo {
  readonly #repo: Repository;

  constructor(repo: Repository) {
    this.#repo = repo;
  }

  /** `at`: where it begins, when that is known. */
  async ensureBranch(branch: string, from: string | undefined, at?: ObjectId): Promise<ObjectId> {
    refuseCheckedOut(this.#repo, branch);
    const ref = branchRef(branch);
    const existing = await this.#repo.commit(ref);
    if (existing !== undefined) return existing;
    const start = at ?? (await this.#startingPoint(from));
    try {
      await this.#repo.refs.change([{ ref, from: undefined, to: start }]);
    } catch (cause) {
      // Another orchestrator may have been faster.
      const now = await this.#repo.commit(ref);
      if (now !== undefined) return now;
      throw new UsageError('BRANCH_NAME', `The branch ${branch} cannot be made: ${reason(cause)}`, {
        advice: 'Set merge.integrationBranch to a name that no other branch stands in the way of.',
        cause,
      });
    }
    return start;
  }

  head(branch: string): Promise<ObjectId | undefined> {
    return this.#repo.commit(branchRef(branch));
  }

  async merge(options: MergeOptions): Promise<MergeResult> {
    const merged = await this.#merge(options);
    if (merged.kind !== 'merged') return merged;
    const found = await escapes(this.#repo, { onto: options.onto, tree: merged.tree });
    if (found.length === 0) return merged;
    const reason = found.map(({ path, problem }) => `${path} ${problem}`).join('; ');
    return { kind: 'refused', files: found.map(({ path }) => path), reason };
  }

  async #merge(options: MergeOptions): Promise<MergeResult> {
    const { strategy, onto, head, message } = options;
    if (await this.#repo.isAncestor(head, onto)) return { kind: 'unchanged' };
    switch (strategy) {
      case 'merge':
        return this.#commitMerge({ onto, head, parents: [onto, head], message });
      case 'squash':
        return this.#commitMerge({ onto, head, parents: [onto], message });
      case 'rebase':
        return replay(this.#repo, { onto, head, message });
      case 'fast-forward':
        if (!(await this.#repo.isAncestor(onto, head))) return { kind: 'diverged' };
        return { kind: 'merged', commit: head, tree: await this.#repo.treeOf(head) };
    }
  }

  async advance(
    branch: string,
    { expected, to, reason: why, workspace }: AdvanceOptions,
  ): Promise<'advanced' | 'moved'> {
    const ref = branchRef(branch);
    const { fence, holder } = taskRefs(workspace?.branch ?? '', workspace?.fence);
    const check = holder === undefined ? '' : `verify ${fence}\0${holder.mark}\0`;
    try {
      // Not by the process that serves the other refs: its reflog messages are all the same.
      await this.#repo.changeRefs(['update-ref', '-m', why, '--stdin', '-z'], {
        input: `update ${ref}\0${to}\0${expected}\0${check}`,
      });
      return 'advanced';
    } catch (error) {
      if (holder !== undefined) await throwIfFenced(this.#repo, fence, holder, error);
      if ((await this.#repo.commit(ref)) !== expected) return 'moved';
      throw error;
    }
  }

  async isAncestor(commit: ObjectId, of: ObjectId): Promise<boolean> {
    if (commit === of) return true;
    // Another host may have made it and never pushed it.
    return (await this.#repo.commit(commit)) !== undefined && (await this.#repo.isAncestor(commit, of));
  }

  async tasksTouching({
    since,
    until,
    files,
  }: {
    since: ObjectId;
    until: ObjectId;
    files: readonly string[];
  }): Promise<readonly TaskId[]> {
    if (files.length === 0) return [];
    return tasksIn(this.#repo, { since, until, files: files.slice(0, MAX_FILES) });
  }

  async #commitMerge(options: {
    onto: ObjectId;
    head: ObjectId;
    parents: readonly ObjectId[];
    message: CommitMessage;
  }): Promise<MergeResult> {
    const { onto, head, parents, message } = options;
    const { tree, conflicts } = await mergeTrees(this.#repo, onto, head);
    if (conflicts.length > 0) return { kind: 'conflicted', files: conflicts };
    // A squash of nothing would be an empty commit. A merge is made all the same: it records the history.
    if (parents.length === 1 && tree === (await this.#repo.treeOf(onto))) return { kind: 'unchanged' };
    crashPoint('merge.computed');
    const commit = await this.#repo.commits.write({ tree, parents, message: messageText(message) });
    return { kind: 'merged', commit, tree };
  }

  async #startingPoint(from: string | undefined): Promise<ObjectId> {
    if (from === undefined) return this.#repo.facts.head.commit;
    const commit = await this.#repo.commit(branchRef(from));
    if (commit !== undefined) return commit;
    throw new UsageError('TARGET_MISSING', `There is no branch ${from} to start from`, {
      advice: `Make it (git branch ${from}), or set merge.target to a branch that exists.`,
    });
  }
}

/** Throws `UsageError` `INTEGRATION_CHECKED_OUT`: a branch that moves by itself would leave a checkout behind. */
export function refuseCheckedOut(repo: Repository, branch: string): void {
  const where = checkedOutAt(repo.facts, branchRef(branch));
  if (where === undefined) return;
  throw new UsageError('INTEGRATION_CHECKED_OUT', `The branch ${branch} is checked out in ${where}`, {
    advice: `Codewalk moves ${branch} by itself. Switch to another branch there, for example: git switch -`,
  });
}

/** Tasks whose merges (by trailer) are on the first-parent line from `since` to `until`, oldest first. */
export async function tasksIn(
  repo: Repository,
  { since, until, files }: { since: ObjectId; until: ObjectId; files?: readonly string[] },
): Promise<TaskId[]> {
  const values = await repo.list([
    'log',
    '--first-parent',
    '--no-patch',
    '--reverse',
    '-z',
    '--format=%(trailers:key=Codewalk-Task,valueonly,separator=%x00)',
    '--end-of-options',
    until,
    `^${since}`,
    ...(files === undefined ? [] : ['--', ...files]),
  ]);
  const ids = values.flatMap((value) => {
    const parsed = taskId.safeParse(value.trim());
    return parsed.success ? [parsed.data] : [];
  });
  return [...new Set(ids)];
}

function reason(error: unknown): string {
  if (error instanceof GitError) return error.stderr.replace(/^fatal: /, '');
  return error instanceof CodewalkError ? error.message : String(error);
}
