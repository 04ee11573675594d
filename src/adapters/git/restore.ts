import { crashPoint } from '../../core/crash-points.ts';
import type { ObjectId } from '../../core/ids.ts';
import type { Saving } from '../../core/workspaces/saved-work.ts';
import { moveRefs } from './fences.ts';
import { saveFiles } from './save-worktree.ts';
import { saveCommit } from './saved-commit.ts';
import type { TaskRefs } from './task-refs.ts';
import type { Worktree } from './worktree.ts';

/**
 * Puts a worktree at `commit`, detached, and saves first what lies in it uncommitted. The marker says where it was:
 * after a crash it must not look like the task's work.
 */
export async function showDetached(
  worktree: Worktree,
  refs: TaskRefs,
  { commit, saving }: { commit: ObjectId; saving: Saving },
): Promise<void> {
  const { state, at } = worktree.marker;
  await worktree.breakStaleLocks();
  await saveFiles(worktree, refs, saving);
  const head = state === 'verifying' ? at : (await worktree.head()).commit;
  worktree.mark({ state: 'verifying', at: head });
  worktree.setHead({ commit });
  await worktree.showCommit(commit);
}

/**
 * Puts a worktree back on its branch at `at`, with nothing in it that is not in `at`, except ignored files. Files and
 * commits that go away by this are saved, unless `showDetached` put the commits there.
 */
export async function restoreWorktree(
  worktree: Worktree,
  refs: TaskRefs,
  { at, saving }: { at: ObjectId; saving: Saving },
): Promise<void> {
  const { repo, place: task } = worktree;
  await worktree.breakStaleLocks();
  const [branchAt, work, head] = [
    await repo.commit(refs.branch),
    await repo.commit(refs.work),
    await worktree.head(),
  ];
  const files = await saveFiles(worktree, refs, saving);
  const left = worktree.marker.state === 'verifying' ? [branchAt, work] : [branchAt, work, head.commit];
  for (const commit of new Set(left)) {
    // Saved files stand on the commit that HEAD is at, and keep it with them.
    if (commit === undefined || commit === files?.base || (await repo.isAncestor(commit, at))) continue;
    await saveCommit(repo, refs, { task, commit, keeps: at }, { ...saving, reason: 'rewritten' });
  }
  crashPoint('restore.saved');
  await moveRefs(repo, refs, [
    { ref: refs.branch, from: branchAt, to: at },
    { ref: refs.work, from: work, to: at },
  ]);
  crashPoint('restore.named');
  worktree.endUnfinished();
  worktree.setHead({ ref: refs.branch });
  await worktree.showCommit(at);
  await worktree.run(['clean', '-ffdq']);
  crashPoint('restore.shown');
  worktree.mark({ state: 'ready', at: undefined });
}
