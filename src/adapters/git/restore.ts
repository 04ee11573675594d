import type { ObjectId } from '../../core/ids.ts';
import type { TaskRefs } from './task-refs.ts';
import { keepReachable } from './task-refs.ts';
import type { Worktree } from './worktree.ts';

/** Puts a worktree at `commit`, detached. The marker says so: after a crash it must not look like the task's work. */
export async function showDetached(worktree: Worktree, commit: ObjectId): Promise<void> {
  const { state, at } = worktree.marker;
  const head = state === 'verifying' ? at : (await worktree.head()).commit;
  worktree.mark({ state: 'verifying', at: head });
  await worktree.breakStaleLock();
  worktree.setHead({ commit });
  await worktree.showCommit(commit);
}

/**
 * Puts a worktree back on its branch at `at`, with nothing in it that is not in `at`, except ignored files. Commits
 * that go away by this stay reachable, unless they are the ones that `showDetached` put there.
 */
export async function restoreWorktree(worktree: Worktree, refs: TaskRefs, at: ObjectId): Promise<void> {
  const { repo } = worktree;
  await worktree.breakStaleLock();
  const [branchAt, work, head] = [
    await repo.commit(refs.branch),
    await repo.commit(refs.work),
    await worktree.head(),
  ];
  const left = worktree.marker.state === 'verifying' ? [branchAt, work] : [branchAt, work, head.commit];
  for (const commit of new Set(left)) {
    if (commit !== undefined && !(await repo.isAncestor(commit, at))) await keepReachable(repo, refs, commit);
  }
  await repo.refs.change([
    { ref: refs.branch, from: branchAt, to: at },
    { ref: refs.work, from: work, to: at },
  ]);
  worktree.endUnfinished();
  worktree.setHead({ ref: refs.branch });
  await worktree.showCommit(at);
  await worktree.run(['clean', '-ffdq']);
  worktree.mark({ state: 'ready', at: undefined });
}
