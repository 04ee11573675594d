import { type ObjectId, objectId, type TaskId, taskId } from '../../core/ids.ts';
import { branchRef } from './branch-name.ts';
import type { Repository } from './repository.ts';

/** A task and the commit that brought its work into the branch. */
export interface MergedTask {
  readonly task: TaskId;
  readonly commit: ObjectId;
}

/**
 * Tasks (by trailer) whose merges are on the first-parent line of `branch` after `since`, oldest first; of one that was
 * merged more than once, the last. Absent `since`, or one that is not in this repository: all of them.
 */
export async function mergedTasks(
  repo: Repository,
  { branch, since }: { branch: string; since: ObjectId | undefined },
): Promise<MergedTask[]> {
  const tip = await repo.commit(branchRef(branch));
  if (tip === undefined) return [];
  const known = since === undefined ? undefined : await repo.commit(since);
  const lines = await repo.list([
    'log',
    '--first-parent',
    '--no-patch',
    '--reverse',
    '-z',
    '--format=%H %(trailers:key=Codewalk-Task,valueonly,separator=%x20)',
    '--end-of-options',
    tip,
    ...(known === undefined ? [] : [`^${known}`]),
  ]);
  const merged = new Map<TaskId, MergedTask>();
  for (const line of lines) {
    const [commit, name] = line.trim().split(' ');
    const task = taskId.safeParse(name).data;
    if (task === undefined) continue;
    merged.delete(task);
    merged.set(task, { task, commit: objectId.parse(commit) });
  }
  return [...merged.values()];
}
