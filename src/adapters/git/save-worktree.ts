import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectId } from '../../core/ids.ts';
import type { SavedWork, Saving } from '../../core/workspaces/saved-work.ts';
import { saveCommit, saveTree } from './saved-commit.ts';
import { stageEverything } from './stage.ts';
import type { TaskRefs } from './task-refs.ts';
import type { Worktree } from './worktree.ts';

/** Longer than this nobody waits for a copy of what an agent is still writing. */
const GIVE_UP_MS = 2_000;

/**
 * Saves what lies in a worktree and is not in the commit that it stands on: tracked and untracked files, not ignored
 * ones. A worktree without anything costs one look (`git status`). Leaves its index changed.
 */
export async function saveFiles(
  worktree: Worktree,
  refs: TaskRefs,
  saving: Saving,
): Promise<SavedWork | undefined> {
  const { repo, marker } = worktree;
  const head = (await worktree.head()).commit;
  const work = (await repo.commit(refs.work)) ?? (await repo.commit(refs.branch));
  const start = head ?? work;
  if (start === undefined) return undefined;
  const shown = marker.state === 'verifying' ? start : work;
  if (shown === start && !(await looksChanged(worktree))) return undefined;
  if (shown !== start || !worktree.hasIndex) await worktree.run(['read-tree', '--reset', start]);
  if ((await stageEverything(worktree, start)).length === 0) return undefined;
  const tree = (await worktree.run(['write-tree'])).stdout.toString('utf8').trim() as ObjectId;
  return saveTree(repo, refs, { task: worktree.place, tree, parents: [start], base: start }, saving);
}

/**
 * The same beside an agent that may be writing at this moment: with an index of its own, without what cannot be
 * read, and given up after a moment. Changes nothing in the worktree or its git directory.
 */
export async function saveWhileWritten(
  worktree: Worktree,
  refs: TaskRefs,
  saving: Saving,
): Promise<SavedWork | undefined> {
  const { repo } = worktree;
  const start = (await worktree.head()).commit ?? (await repo.commit(refs.work));
  if (start === undefined || !worktree.hasIndex) return undefined;
  const index = join(worktree.adminDir, `saving-${randomBytes(4).toString('hex')}.index`);
  const options = { env: { GIT_INDEX_FILE: index }, timeoutMs: GIVE_UP_MS, besideAgent: true };
  try {
    copyFileSync(worktree.ownIndex, index);
    await worktree.run(['add', '-A', '--ignore-errors', '--no-warn-embedded-repo'], {
      ...options,
      answers: [0, 1],
    });
    const tree = (await worktree.run(['write-tree'], options)).stdout.toString('utf8').trim() as ObjectId;
    if (tree === (await repo.treeOf(start))) return undefined;
    return await saveTree(repo, refs, { task: worktree.place, tree, parents: [start], base: start }, saving);
  } finally {
    for (const path of [index, `${index}.lock`]) rmSync(path, { force: true });
  }
}

/**
 * Saves what is left of a worktree whose directory is gone: commits that only its HEAD held, and what the agent had
 * staged.
 */
export async function saveGitDirectory(worktree: Worktree, refs: TaskRefs, saving: Saving): Promise<void> {
  const { repo, place: task } = worktree;
  const keeps = (await repo.commit(refs.work)) ?? (await repo.commit(refs.branch));
  const head = (await worktree.head()).commit;
  if (head !== undefined && keeps !== undefined && !(await repo.isAncestor(head, keeps))) {
    await saveCommit(repo, refs, { task, commit: head, keeps }, saving);
  }
  const base = head ?? keeps;
  if (base === undefined || !existsSync(join(worktree.adminDir, 'index'))) return;
  // A damaged index, or one in the middle of a merge, holds nothing that can be told from it.
  const answer = await repo.run(['write-tree'], {
    env: { GIT_INDEX_FILE: join(worktree.adminDir, 'index') },
    answers: [0, 1, 128, 129],
  });
  const tree = answer.stdout.toString('utf8').trim() as ObjectId;
  if (answer.code !== 0 || tree === (await repo.treeOf(base))) return;
  if (keeps !== undefined && tree === (await repo.treeOf(keeps))) return;
  await saveTree(repo, refs, { task, tree, parents: [base], base }, saving);
}

async function looksChanged(worktree: Worktree): Promise<boolean> {
  if (!worktree.hasIndex || worktree.agentIndexTouched) return true;
  const args = ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=normal'];
  return (await worktree.run(args)).stdout.length > 0;
}
