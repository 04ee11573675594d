import { existsSync } from 'node:fs';
import { crashPoint } from '../../core/crash-points.ts';
import { CodewalkError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import type { CommitMessage, SnapshotResult } from '../../core/workspaces/ports.ts';
import { messageText } from './commit-message.ts';
import { moveRefs } from './fences.ts';
import { mergeTrees } from './merge-trees.ts';
import { openTop } from './open-up.ts';
import { saveCommit } from './saved-commit.ts';
import { stagedChanges, stageEverything } from './stage.ts';
import type { TaskRefs } from './task-refs.ts';
import { mergeWithBase } from './three-way.ts';
import type { HeadPosition, Worktree } from './worktree.ts';

const REWRITTEN = { reason: 'rewritten' } as const;

/**
 * Commits what an agent left in a worktree onto the task's branch, wherever the agent left HEAD:
 *
 * - On the branch, or on commits that build on the last snapshot (a detached HEAD, a branch of its own): the
 *   task's branch moves there and the rest is committed on top.
 * - On the branch, but its history was rewritten: the agent's version counts, the last snapshot is saved.
 * - Somewhere else, without the last snapshot: what was done there is merged with it; when that conflicts, what
 *   lies in the worktree counts and both stay in the history. Somewhere else with nothing done: back again.
 */
export async function takeSnapshot(
  worktree: Worktree,
  refs: TaskRefs,
  message: CommitMessage,
): Promise<SnapshotResult> {
  const { repo } = worktree;
  const branchAt = await repo.commit(refs.branch);
  const work = (await repo.commit(refs.work)) ?? branchAt;
  if (work === undefined) throw branchLost(refs.branch);
  const head = await worktree.head();
  const start = head.commit ?? work;

  // Our index still shows the last snapshot; files that the agent committed although they are ignored come from here.
  if (start !== work || !worktree.hasIndex) await worktree.run(['read-tree', '--reset', start]);
  const changes = await stageEverything(worktree, start);
  crashPoint('snapshot.staged');
  const result = await settle(worktree, refs, { head, start, work, changed: changes.length > 0, message });
  crashPoint('snapshot.written');

  const files =
    result.commit === work ? 0 : (await stagedChangesSince(worktree, work, changes, start)).length;
  await moveRefs(repo, refs, [
    { ref: refs.branch, from: branchAt, to: result.commit },
    { ref: refs.work, from: await repo.commit(refs.work), to: result.commit },
  ]);
  crashPoint('snapshot.named');
  worktree.setHead({ ref: refs.branch });
  worktree.endUnfinished();
  if (result.moved) await worktree.showCommit(result.commit);
  else worktree.showIndex();
  crashPoint('snapshot.shown');
  return result.commit === work
    ? { kind: 'clean', commit: work }
    : { kind: 'committed', commit: result.commit, files };
}

/** Throws `WORKSPACE_LOST` when the worktree's directory is gone. */
export function requireDirectory(path: string, task: string): void {
  openTop(path);
  if (existsSync(path)) return;
  throw new CodewalkError('WORKSPACE_LOST', `The worktree of task ${task} is gone: ${path}`, {
    advice: 'Its commits are safe on the branch of the task. Start the task again to get a new worktree.',
  });
}

interface Left {
  readonly head: HeadPosition;
  /** What the index was compared with: HEAD, or the last snapshot when HEAD leads nowhere. */
  readonly start: ObjectId;
  readonly work: ObjectId;
  readonly changed: boolean;
  readonly message: CommitMessage;
}

/** The commit that the branch belongs at. `moved`: the worktree does not show it yet. */
async function settle(
  worktree: Worktree,
  refs: TaskRefs,
  left: Left,
): Promise<{ commit: ObjectId; moved: boolean }> {
  const { repo } = worktree;
  const { head, start, work } = left;
  if (await repo.isAncestor(work, start)) return { commit: await commitOn(worktree, left), moved: false };
  if (head.ref === refs.branch) {
    await saveCommit(repo, refs, { task: worktree.place, commit: work, keeps: start }, REWRITTEN);
    return { commit: await commitOn(worktree, left), moved: false };
  }
  const own = worktree.madeHere(start);
  if (!own && !left.changed) return { commit: work, moved: true };
  const elsewhere = await commitOn(worktree, left);
  // Commits that were only checked out are not the task's: then only the changes on top of them come along.
  const merged = own
    ? await mergeTrees(repo, work, elsewhere).catch(() => undefined)
    : await mergeWithBase(repo, { base: start, ours: work, theirs: elsewhere });
  if (!own) {
    await saveCommit(repo, refs, { task: worktree.place, commit: elsewhere, keeps: work }, REWRITTEN);
  }
  if (!own && merged?.conflicts.length === 0) {
    const commit = { tree: merged.tree, parents: [work], message: messageText(left.message) };
    return { commit: await repo.commits.write(commit), moved: true };
  }
  const tree = merged?.conflicts.length === 0 ? merged.tree : await repo.treeOf(elsewhere);
  const commit = { tree, parents: [work, elsewhere], message: messageText(left.message) };
  return { commit: await repo.commits.write(commit), moved: true };
}

/** Commits our index on top of `start`, with what a merge in progress brings in. */
async function commitOn(worktree: Worktree, { start, changed, message }: Left): Promise<ObjectId> {
  const { repo } = worktree;
  const merged: ObjectId[] = [];
  for (const name of worktree.mergeHeads()) {
    const commit = await repo.commit(name);
    if (commit !== undefined && !(await repo.isAncestor(commit, start))) merged.push(commit);
  }
  if (!changed && merged.length === 0) return start;
  const tree = (await worktree.run(['write-tree'])).stdout.toString('utf8').trim() as ObjectId;
  return repo.commits.write({ tree, parents: [start, ...merged], message: messageText(message) });
}

async function stagedChangesSince(
  worktree: Worktree,
  work: ObjectId,
  changes: Awaited<ReturnType<typeof stageEverything>>,
  start: ObjectId,
) {
  return start === work ? changes : stagedChanges(worktree, work);
}

function branchLost(branch: string): CodewalkError {
  return new CodewalkError('WORKSPACE_LOST', `The branch of the task is gone: ${branch}`, {
    advice: 'Start the task again to get a new branch.',
  });
}
