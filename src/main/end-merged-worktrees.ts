import type { Repository } from '../adapters/git/repository.ts';
import { Worktree } from '../adapters/git/worktree.ts';
import type { Engine } from '../core/attempts/engine.ts';
import { TenureOverError } from '../core/dispatch/tenure.ts';
import { messageOf } from '../core/errors.ts';
import { type TaskId, taskId } from '../core/ids.ts';
import type { Store } from '../core/tasks/ports.ts';

/** One orchestrator clears up at a time. */
const LEASE_NAME = 'ended-worktrees';

/** Refs of attempts, one for each task that was begun in this repository and not ended. */
const FENCES = 'refs/codewalk/fences/cw/';

/**
 * Ends the worktrees of tasks that are done, and what refs they left: a crash between a merge and the end of its
 * worktree leaves one behind, and so does a host that finished the task of another; no attempt will ever come back to
 * it. Whatever is not in the merge is kept. Those whose orchestrator is still there are left to it: it may be ending
 * them right now. Returns what could not be ended, for people.
 */
export async function endMergedWorktrees(engine: Engine, repository: Repository): Promise<readonly string[]> {
  const { store, orchestrator, config } = engine;
  const ids = await begun(repository);
  if (ids.length === 0) return [];
  const lease = await store.acquire(LEASE_NAME, orchestrator, config.lease.leaseMs);
  if (!('fence' in lease)) return [];
  try {
    return await endEach(engine, ids);
  } finally {
    await store.release(lease, orchestrator);
  }
}

async function endEach(engine: Engine, places: readonly TaskId[]): Promise<readonly string[]> {
  const { store, workspaces, integration, config, sandboxes } = engine;
  const mergedInto = await integration.head(config.merge.integrationBranch);
  if (mergedInto === undefined) return [];
  const kept: string[] = [];
  for (const { id, place, head } of await store.tasks({ places, states: ['done'] })) {
    if (await isInHands(store, id)) continue;
    try {
      const workspace = await workspaces.open({ task: place, base: mergedInto });
      await workspaces.release(workspace, { mergedInto, mergedHead: head ?? mergedInto });
      await sandboxes.discard(place);
    } catch (error) {
      // Whoever goes on in the place of this orchestrator looks again.
      if (error instanceof TenureOverError) throw error;
      kept.push(`The worktree of ${id}, which is done, stays for now: ${messageOf(error)}`);
    }
  }
  return kept;
}

/** Places of tasks that have a worktree here, or only the ref of an attempt that was taken away before it had one. */
async function begun(repository: Repository): Promise<readonly TaskId[]> {
  const fences = await repository.text(['for-each-ref', '--format=%(refname)', FENCES]);
  const names = [
    ...Worktree.list(repository).map(({ place }) => place),
    ...fences.split('\n').map((ref) => ref.slice(FENCES.length)),
  ];
  return [...new Set(names)].flatMap((name) => taskId.safeParse(name).data ?? []);
}

/** Whether the orchestrator that had the task last is still at work. */
async function isInHands(store: Store, task: TaskId): Promise<boolean> {
  const claimed = (await store.events(0, { task, types: ['task.claimed'] })).at(-1);
  if (claimed?.type !== 'task.claimed') return false;
  return (await store.orchestrators()).some(({ id }) => id === claimed.orchestrator);
}
