import { crashPoint } from '../../core/crash-points.ts';
import type { ObjectId, TaskId } from '../../core/ids.ts';
import { objectId } from '../../core/ids.ts';
import { FencedError, type TaskFence } from '../../core/workspaces/fence.ts';
import { messageText } from './commit-message.ts';
import type { RefChange } from './ref-writer.ts';
import type { Repository } from './repository.ts';
import type { TaskRefs } from './task-refs.ts';

/** What a fence ref says: a commit of no files of its own, for people to read as well. */
export interface FenceMark {
  readonly commit: ObjectId;
  /** The store that counted the fence: numbers of different ones cannot be compared. */
  readonly era: string;
  readonly fence: number;
  /** What the task's branch stood at when the mark was made, where several hosts share it. */
  readonly snapshot: ObjectId | undefined;
}

/** Who wants to hold the fence of a task. */
export interface FenceClaim {
  readonly task: TaskId;
  readonly fence: number;
  readonly era: string;
}

/**
 * Makes `claim` the newest attempt of its task, as far as this repository knows. Throws `FencedError` when a newer one
 * holds the fence already. A fence that another store counted gives way: that store was reset or restored.
 */
export async function raiseFence(repo: Repository, refs: TaskRefs, claim: FenceClaim): Promise<TaskFence> {
  for (;;) {
    const held = await readMark(repo, refs.fence);
    refuseOlder(claim, held);
    if (held?.era === claim.era && held.fence === claim.fence) return { ...claim, mark: held.commit };
    const mark = await writeMark(repo, claim);
    try {
      await repo.refs.change([{ ref: refs.fence, from: held?.commit, to: mark }]);
      crashPoint('fence.raised');
      return { task: claim.task, fence: claim.fence, mark };
    } catch (error) {
      if ((await repo.commit(refs.fence)) === held?.commit) throw error;
    }
  }
}

export function refuseOlder(claim: FenceClaim, held: FenceMark | undefined): void {
  if (held !== undefined && held.era === claim.era && held.fence > claim.fence) {
    throw new FencedError(claim, held.fence);
  }
}

/**
 * Moves refs of a task on behalf of its attempt: all in one transaction that also holds the attempt's fence in place.
 * Throws `FencedError` when a newer attempt has raised it.
 */
export async function moveRefs(
  repo: Repository,
  refs: Pick<TaskRefs, 'fence' | 'holder'>,
  changes: readonly RefChange[],
): Promise<void> {
  const { fence: ref, holder } = refs;
  if (holder === undefined) return await repo.refs.change(changes);
  try {
    await repo.refs.change(changes, { ref, at: holder.mark });
  } catch (error) {
    await throwIfFenced(repo, ref, holder, error);
    throw error;
  }
}

/** Throws `FencedError` when the fence is not `holder`'s any more. */
export async function throwIfFenced(
  repo: Repository,
  ref: string,
  holder: TaskFence,
  cause?: unknown,
): Promise<void> {
  const held = await readMark(repo, ref);
  if (held?.commit !== holder.mark) throw new FencedError(holder, held?.fence, { cause });
}

/** Commits that nothing points at yet; with a snapshot, a new one for each. */
export async function writeMark(
  repo: Repository,
  { task, fence, era }: FenceClaim,
  snapshot?: ObjectId,
): Promise<ObjectId> {
  const message = {
    subject: `Fence ${fence} of task ${task}`,
    trailers: {
      'Codewalk-Task': task,
      'Codewalk-Fence': String(fence),
      'Codewalk-Store': era,
      ...(snapshot === undefined ? {} : { 'Codewalk-Snapshot': snapshot }),
    },
  };
  const tree = await repo.treeOf(repo.facts.head.commit);
  return await repo.commits.write({ tree, parents: [], message: messageText(message) });
}

/** What stands at a fence ref, or in a commit made by `writeMark`; `undefined` when there is none. */
export async function readMark(repo: Repository, name: string): Promise<FenceMark | undefined> {
  const commit = await repo.commit(name);
  if (commit === undefined) return undefined;
  const { message } = await repo.objects.commit(commit);
  const said = (key: string) => new RegExp(`^Codewalk-${key}: (.*)$`, 'm').exec(message)?.[1];
  const fence = Number(said('Fence'));
  return {
    commit,
    era: said('Store') ?? '',
    fence: Number.isSafeInteger(fence) ? fence : 0,
    snapshot: objectId.safeParse(said('Snapshot')).data,
  };
}
