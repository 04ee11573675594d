import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ObjectId, objectId, taskId } from '../../core/ids.ts';
import { adoptDirectory } from './open-workspace.ts';
import { type Retiring, releaseWorktree, removeWorktree } from './release.ts';
import type { Repository } from './repository.ts';
import { saveGitDirectory } from './save-worktree.ts';
import { saveCommit } from './saved-commit.ts';
import type { GitFacts } from './survey.ts';
import { type TaskRefs, taskRefs } from './task-refs.ts';
import { Worktree } from './worktree.ts';

/** Its own prefix: from here no task takes it any more. */
const DROPPED = '.dropped-';
const MOST_COMMITS = 1_000;

/**
 * Removes a worktree that a survey found to hold nothing. It looks once more by itself and keeps what has changed
 * since; commits that only its own history knows are saved before. Returns why it was kept, if it was.
 */
export async function removeSurveyed(
  repo: Repository,
  facts: GitFacts,
  options: { mergedInto: ObjectId; mergedHead: ObjectId | undefined; onRetire?: Retiring['onRetire'] },
): Promise<string | undefined> {
  const { place, kind, branch } = facts;
  const worktree = Worktree.list(repo).find((each) => each.place === place);
  if (kind === 'pooled') return worktree === undefined ? undefined : await dropPooled(worktree);
  if (branch === undefined) return 'it has no branch';
  const refs = taskRefs(branch);
  const { mergedInto, mergedHead = mergedInto } = options;
  if (kind === 'gone') {
    if (worktree === undefined || existsSync(worktree.path)) return undefined;
    await saveHistory(worktree, refs);
    await saveGitDirectory(worktree, refs, { reason: 'clean-up' });
    await removeWorktree(worktree);
    await dropMergedRefs(repo, refs, [mergedInto, mergedHead]);
    return undefined;
  }
  const task = taskId.safeParse(place).data;
  if (worktree === undefined && task === undefined) return 'nothing says what belongs in it';
  const present = worktree ?? (task === undefined ? undefined : await adoptDirectory(repo, task, branch));
  if (present === undefined) return 'nothing says what belongs in it';
  present.connect();
  await present.breakStaleLocks();
  await saveHistory(present, refs);
  const released = await releaseWorktree(present, refs, {
    mergedInto,
    mergedHead,
    poolSize: 0,
    onRetire: options.onRetire,
  });
  return released.kind === 'kept' ? released.reason : undefined;
}

async function dropPooled(worktree: Worktree): Promise<string | undefined> {
  // A task that takes it in this moment is faster, or finds it gone.
  if (!worktree.move(`${DROPPED}${randomBytes(4).toString('hex')}`)) return 'a task has just taken it';
  await removeWorktree(worktree);
  return undefined;
}

/** Commits that were made in it, such as those that an agent rewrote, and that no ref reaches. */
async function saveHistory(worktree: Worktree, refs: TaskRefs): Promise<void> {
  const { repo, adminDir, place: task } = worktree;
  const log = join(adminDir, 'logs', 'HEAD');
  if (!existsSync(log)) return;
  const named = new Set<ObjectId>();
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    for (const name of line.split(' ', 2)) {
      const id = objectId.safeParse(name).data;
      const commit = id === undefined || /^0+$/.test(id) ? undefined : await repo.commit(id);
      if (commit !== undefined) named.add(commit);
    }
  }
  const keeps = (await repo.commit(refs.work)) ?? (await repo.commit(refs.branch));
  if (named.size === 0 || keeps === undefined) return;
  // The newest say enough: an argument list has an end.
  const newest = [...named].slice(-MOST_COMMITS);
  const unreachable = new Set((await repo.text(['rev-list', ...newest, '--not', '--all'])).split('\n'));
  for (const commit of newest) {
    if (unreachable.has(commit))
      await saveCommit(repo, refs, { task, commit, keeps }, { reason: 'rewritten' });
  }
}

async function dropMergedRefs(repo: Repository, refs: TaskRefs, holders: readonly ObjectId[]): Promise<void> {
  for (const ref of [refs.branch, refs.work, refs.fence]) {
    const from = await repo.commit(ref);
    if (from === undefined) continue;
    if (ref === refs.fence && (await repo.commit(refs.branch)) === undefined) {
      await repo.refs.change([{ ref, from, to: undefined }]);
      continue;
    }
    for (const holder of holders) {
      if (!(await repo.isAncestor(from, holder))) continue;
      await repo.refs.change([{ ref, from, to: undefined }]);
      break;
    }
  }
}
