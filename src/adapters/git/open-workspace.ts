import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoint } from '../../core/crash-points.ts';
import { CodewalkError } from '../../core/errors.ts';
import type { ObjectId, TaskId } from '../../core/ids.ts';
import type { TaskFence } from '../../core/workspaces/fence.ts';
import type { Workspace } from '../../core/workspaces/ports.ts';
import { checkedOutAt } from './checked-out.ts';
import { moveRefs } from './fences.ts';
import { removeWorktree, takeFromPool } from './release.ts';
import type { Repository } from './repository.ts';
import { restoreWorktree } from './restore.ts';
import { saveGitDirectory } from './save-worktree.ts';
import { saveCommit } from './saved-commit.ts';
import type { TaskRefs } from './task-refs.ts';
import { taskRefs } from './task-refs.ts';
import { Worktree } from './worktree.ts';

const KEPT_PREFIX = '.kept-';

interface Opening {
  readonly task: TaskId;
  readonly branch: string;
  readonly base: ObjectId;
  /** Absent for a clean-up, which no attempt does. */
  readonly fence: TaskFence | undefined;
  /** The last snapshot that another host has pushed, if there is one. */
  readonly incoming?: ObjectId | undefined;
}

/** The worktree of a task: its own with all its work, else one of the pool, else a new one. */
export async function openWorkspace(repo: Repository, opening: Opening): Promise<Workspace> {
  const { task, branch, fence } = opening;
  const refs = taskRefs(branch, fence);
  const own = await ownWorktree(repo, opening);
  const elsewhere = checkedOutAt(repo.facts, refs.branch, own?.adminDir);
  if (elsewhere !== undefined) {
    throw new CodewalkError('BRANCH_IN_USE', `the branch ${branch} is checked out in ${elsewhere}`, {
      advice: `Switch ${elsewhere} to another branch, then retry the task.`,
    });
  }
  if (own !== undefined && own.marker.state !== 'opening') return resume(own, opening);
  return begin(own ?? takeFromPool(repo, task, branch) ?? Worktree.create(repo, task, branch), opening);
}

/** Ends the git directory of a worktree that somebody deleted: a new one of that name would find the branch taken. */
async function retireLost(repo: Repository, place: string): Promise<void> {
  for (const lost of Worktree.list(repo)) {
    if (lost.place !== place) continue;
    const { branch } = lost.marker;
    if (branch !== undefined) await saveGitDirectory(lost, taskRefs(branch), { reason: 'clean-up' });
    await removeWorktree(lost);
  }
}

/** Renames what stands at `place` and is not known to be worthless. Returns the new name. */
function moveAside(repo: Repository, place: string): string {
  const name = `${KEPT_PREFIX}${place}-${randomBytes(4).toString('hex')}`;
  renameSync(join(repo.worktreesDir, place), join(repo.worktreesDir, name));
  return name;
}

async function ownWorktree(repo: Repository, { task, branch }: Opening): Promise<Worktree | undefined> {
  const path = join(repo.worktreesDir, task);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    await retireLost(repo, task);
    return undefined;
  }
  const found = Worktree.at(repo, task);
  if (found !== undefined) {
    // A move from or to the pool that a crash interrupted: what is in it is merged.
    if (found.marker.state === 'pooled' || found.marker.state === 'releasing') {
      found.mark({ state: 'opening', branch, at: undefined });
    }
    return found;
  }
  if (stat.isDirectory() && readdirSync(path).length === 0) {
    rmdirSync(path);
    return undefined;
  }
  const refs = taskRefs(branch);
  if (
    stat.isDirectory() &&
    ((await repo.commit(refs.branch)) ?? (await repo.commit(refs.work))) !== undefined
  ) {
    return adoptDirectory(repo, task, branch);
  }
  moveAside(repo, task);
  return undefined;
}

/**
 * Its git directory was pruned, but the work is still there: a new git directory for it. The index shows the last
 * snapshot, so that tracked files which are ignored stay tracked.
 */
export async function adoptDirectory(repo: Repository, task: TaskId, branch: string): Promise<Worktree> {
  const refs = taskRefs(branch);
  const head = (await repo.commit(refs.work)) ?? (await repo.requireCommit(refs.branch));
  const worktree = Worktree.create(repo, task, branch, 'ready');
  await worktree.run(['read-tree', '--reset', head]);
  worktree.showIndex();
  return worktree;
}

/** A worktree with nothing of value in it becomes the task's. */
async function begin(worktree: Worktree, opening: Opening): Promise<Workspace> {
  const { repo } = worktree;
  const { task, branch, base, fence } = opening;
  const refs = taskRefs(branch, fence);
  const [branchAt, work] = [await repo.commit(refs.branch), await repo.commit(refs.work)];
  const here = await earlierWork(repo, refs, { task, branchAt, work });
  const earlier = await newerWork(repo, refs, { task, here, incoming: opening.incoming });
  // A branch without work of its own follows: what the task needs may have been merged since.
  const start = earlier === undefined || (await repo.isAncestor(earlier, base)) ? base : earlier;
  await worktree.breakStaleLocks();
  await moveRefs(repo, refs, [
    { ref: refs.branch, from: branchAt, to: start },
    { ref: refs.work, from: work, to: start },
  ]);
  crashPoint('worktree.branched');
  worktree.setHead({ ref: refs.branch });
  await worktree.showCommit(start);
  crashPoint('worktree.shown');
  worktree.mark({ state: 'ready' });
  crashPoint('worktree.opened');
  return described(worktree, { ...opening, head: start, reused: start !== base });
}

async function earlierWork(
  repo: Repository,
  refs: TaskRefs,
  { task, branchAt, work }: { task: TaskId; branchAt: ObjectId | undefined; work: ObjectId | undefined },
): Promise<ObjectId | undefined> {
  if (branchAt === undefined || work === undefined || branchAt === work) return branchAt ?? work;
  if (await repo.isAncestor(branchAt, work)) return work;
  if (!(await repo.isAncestor(work, branchAt))) {
    await saveCommit(repo, refs, { task, commit: work, keeps: branchAt }, { reason: 'rewritten' });
  }
  return branchAt;
}

/** Where another host went on with the task, its work counts, and what was left here is saved. */
async function newerWork(
  repo: Repository,
  refs: TaskRefs,
  { task, here, incoming }: { task: TaskId; here: ObjectId | undefined; incoming: ObjectId | undefined },
): Promise<ObjectId | undefined> {
  if (here === undefined || incoming === undefined) return here ?? incoming;
  if (await repo.isAncestor(incoming, here)) return here;
  if (!(await repo.isAncestor(here, incoming))) {
    await saveCommit(repo, refs, { task, commit: here, keeps: incoming }, { reason: 'elsewhere' });
  }
  return incoming;
}

/** The task's own worktree, with all that is in it. What an agent did to its history, the next snapshot settles. */
async function resume(worktree: Worktree, opening: Opening): Promise<Workspace> {
  const { repo } = worktree;
  const { branch, base, fence } = opening;
  const refs = taskRefs(branch, fence);
  worktree.connect();
  await worktree.breakStaleLocks();
  let [branchAt, work] = [await repo.commit(refs.branch), await repo.commit(refs.work)];
  const { state, at } = worktree.marker;
  let head = work ?? branchAt ?? base;
  if (state === 'verifying') {
    await restoreWorktree(worktree, refs, { at: at ?? head, saving: { reason: 'verify' } });
    [branchAt, work] = [await repo.commit(refs.branch), await repo.commit(refs.work)];
    head = work ?? head;
  }
  if (opening.incoming !== undefined && !(await repo.isAncestor(opening.incoming, head))) {
    head = opening.incoming;
    await restoreWorktree(worktree, refs, { at: head, saving: { reason: 'elsewhere' } });
    [branchAt, work] = [head, head];
  }
  const follow =
    head !== base && (await repo.isAncestor(head, base)) && (await isUntouched(worktree, refs, head));
  if (follow) head = base;
  await moveRefs(repo, refs, [
    { ref: refs.branch, from: branchAt, to: follow ? base : (branchAt ?? head) },
    { ref: refs.work, from: work, to: follow ? base : (work ?? head) },
  ]);
  if (follow) await worktree.showCommit(base);
  worktree.mark({ state: 'ready', branch });
  crashPoint('worktree.resumed');
  return described(worktree, { ...opening, head, reused: true });
}

async function isUntouched(worktree: Worktree, refs: TaskRefs, head: ObjectId): Promise<boolean> {
  const position = await worktree.head();
  if (position.ref !== refs.branch || position.commit !== head) return false;
  if (!existsSync(join(worktree.adminDir, 'index'))) return false;
  const status = await worktree.run(['status', '--porcelain', '-z', '--untracked-files=normal']);
  return status.stdout.length === 0;
}

async function described(
  worktree: Worktree,
  { head, reused, ...opening }: Opening & { head: ObjectId; reused: boolean },
): Promise<Workspace> {
  const { task, branch, base, fence } = opening;
  const shared = await worktree.repo.mergeBase(head, base);
  return { task, path: worktree.path, branch, base: shared ?? base, reused, fence };
}
