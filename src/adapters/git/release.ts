import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { crashPoint } from '../../core/crash-points.ts';
import type { ObjectId } from '../../core/ids.ts';
import { throwIfFenced } from './fences.ts';
import { removeTree } from './open-up.ts';
import type { Repository } from './repository.ts';
import { type TaskRefs, taskRefs } from './task-refs.ts';
import { Worktree } from './worktree.ts';

export const POOL_PREFIX = '.pool-';
const NAMED = 3;

/** What happens to a directory whose work is over. */
export interface Retiring {
  /** How many wait for the next tasks; the others are removed. */
  readonly poolSize: number;
  /** Asked before a directory is emptied; takes out of it what other worktrees can use. */
  readonly onRetire?: ((worktree: { path: string; adminDir: string }) => Promise<void>) | undefined;
}

export type Released = { kind: 'removed' } | { kind: 'kept'; reason: string };

/**
 * Ends a worktree when nothing in it would be lost: every commit is in `mergedInto` or is part of `mergedHead`,
 * whose work went in under another name (squash, rebase), and nothing lies in it uncommitted. Ignored files, such
 * as build output, go with it. The directory is kept for the next task while the pool has room.
 */
export async function releaseWorktree(
  worktree: Worktree,
  refs: TaskRefs,
  options: { mergedInto: ObjectId; mergedHead: ObjectId } & Retiring,
): Promise<Released> {
  const { repo } = worktree;
  const [branchAt, work, head] = [
    await repo.commit(refs.branch),
    await repo.commit(refs.work),
    await worktree.head(),
  ];
  for (const commit of new Set([branchAt, work, head.commit])) {
    if (commit === undefined || (await isIn(repo, commit, options))) continue;
    return { kind: 'kept', reason: `it has commits that are not merged, up to ${commit.slice(0, 12)}` };
  }
  const shown = head.commit ?? work ?? branchAt;
  if (shown === undefined)
    return { kind: 'kept', reason: 'its branch is gone, so what it holds cannot be compared' };
  worktree.setHead({ commit: shown });
  const { unsaved, ignored } = await leftovers(worktree);
  if (unsaved.length > 0) {
    if (head.ref !== undefined) worktree.setHead({ ref: head.ref });
    return { kind: 'kept', reason: `it holds files that were not committed: ${named(unsaved)}` };
  }
  // From here on a crash is finished by `finishRelease`: everything in the directory is known to be merged.
  worktree.mark({ state: 'releasing', at: shown });
  crashPoint('release.marked');
  await endRefs(repo, refs, { branchAt, work });
  crashPoint('release.unbranched');
  await retire(worktree, { ignored, ...options });
  return { kind: 'removed' };
}

/** Deletes the refs of a task whose work is over, its fence with them. */
async function endRefs(
  repo: Repository,
  refs: TaskRefs,
  { branchAt, work }: { branchAt: ObjectId | undefined; work: ObjectId | undefined },
): Promise<void> {
  const { holder } = refs;
  const fence = holder?.mark ?? (await repo.commit(refs.fence));
  try {
    await repo.refs.change([
      { ref: refs.branch, from: branchAt, to: undefined },
      { ref: refs.work, from: work, to: undefined },
      { ref: refs.fence, from: fence, to: undefined },
    ]);
  } catch (error) {
    if (holder !== undefined) await throwIfFenced(repo, refs.fence, holder, error);
    throw error;
  }
}

/** Ends a release that a crash interrupted, if still nothing new lies in the directory. */
export async function finishRelease(worktree: Worktree, retiring: Retiring): Promise<Released> {
  const { at } = worktree.marker;
  // A process that outlived its agent may have gone on: what it committed is in no branch.
  if (at !== undefined && (await worktree.head()).commit !== at)
    return { kind: 'kept', reason: 'it has commits that were made since' };
  const { unsaved, ignored } = await leftovers(worktree);
  if (unsaved.length > 0) return { kind: 'kept', reason: `it holds new files: ${named(unsaved)}` };
  await deleteRefs(worktree);
  await retire(worktree, { ignored, ...retiring });
  return { kind: 'removed' };
}

/** The refs of the task, if the crash came before they were deleted; not what was added to them since. */
async function deleteRefs(worktree: Worktree): Promise<void> {
  const { repo, marker } = worktree;
  const { commit: merged } = await worktree.head();
  if (marker.branch === undefined || merged === undefined) return;
  const { branch, work, fence } = taskRefs(marker.branch);
  for (const ref of [branch, work, fence]) {
    const from = await repo.commit(ref);
    if (from !== undefined && (ref === fence || (await repo.isAncestor(from, merged)))) {
      await repo.refs.change([{ ref, from, to: undefined }]);
    }
  }
}

/** Removes a directory and its git directory. Only for what is known to hold nothing. */
export async function removeWorktree(worktree: Worktree): Promise<void> {
  await removeTree(worktree.path);
  crashPoint('release.removed');
  await removeTree(worktree.adminDir);
}

async function retire(worktree: Worktree, options: { ignored: boolean } & Retiring): Promise<void> {
  if (options.ignored) await options.onRetire?.(worktree);
  if (poolPlaces(worktree.repo).length >= options.poolSize) return removeWorktree(worktree);
  // What one task built must not be there for the next, whose result would depend on it.
  if (options.ignored) await worktree.run(['clean', '-ffdxq']);
  worktree.forget();
  crashPoint('release.forgotten');
  const at = (await worktree.head()).commit;
  worktree.mark({ branch: undefined, at, state: 'pooled' });
  crashPoint('release.pooled');
  worktree.giveName(`${POOL_PREFIX}${randomBytes(4).toString('hex')}`);
}

/** A worktree of the pool, moved to `place` for a task, or `undefined` when the pool is empty. */
export function takeFromPool(repo: Repository, place: string, branch: string): Worktree | undefined {
  for (const pooled of poolPlaces(repo)) {
    const worktree = Worktree.at(repo, pooled);
    if (worktree?.marker.state !== 'pooled' || !worktree.move(place)) continue;
    crashPoint('worktree.taken');
    worktree.mark({ state: 'opening', branch, at: undefined });
    return worktree;
  }
  return undefined;
}

export function poolPlaces(repo: Repository): string[] {
  if (!existsSync(repo.worktreesDir)) return [];
  return readdirSync(repo.worktreesDir).filter((name) => name.startsWith(POOL_PREFIX));
}

async function isIn(
  repo: Repository,
  commit: ObjectId,
  { mergedInto, mergedHead }: { mergedInto: ObjectId; mergedHead: ObjectId },
): Promise<boolean> {
  return (await repo.isAncestor(commit, mergedHead)) || (await repo.isAncestor(commit, mergedInto));
}

async function leftovers(worktree: Worktree): Promise<{ unsaved: string[]; ignored: boolean }> {
  const answer = await worktree.run([
    'status',
    '--porcelain',
    '-z',
    '--no-renames',
    '--untracked-files=all',
    '--ignored=matching',
  ]);
  const entries = answer.stdout
    .toString('utf8')
    .split('\0')
    .filter((entry) => entry !== '');
  const unsaved = entries.filter((entry) => !entry.startsWith('!! ')).map((entry) => entry.slice(3));
  return { unsaved, ignored: unsaved.length < entries.length };
}

function named(paths: readonly string[]): string {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : '';
  return `${paths
    .slice(0, NAMED)
    .map((path) => JSON.stringify(path))
    .join(', ')}${more}`;
}
