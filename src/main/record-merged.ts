import { type MergedTask, mergedTasks } from '../adapters/git/merged-tasks.ts';
import type { Repository } from '../adapters/git/repository.ts';
import { systemIds } from '../adapters/system/ids.ts';
import type { Config } from '../core/config/schema.ts';
import type { TaskId } from '../core/ids.ts';
import type { Store } from '../core/tasks/ports.ts';
import { isFinal, type TaskState } from '../core/tasks/states.ts';

const LEASE_MS = 60_000;
const OVER: readonly TaskState[] = ['done', 'archived'];

/**
 * Writes down as done what the integration branch contains and the store, which comes from an earlier time, does not
 * know of: it must not be done and merged a second time. Returns those tasks.
 */
export async function recordMerged(
  store: Store,
  repository: Repository,
  config: Config,
): Promise<readonly TaskId[]> {
  const branch = config.merge.integrationBranch;
  const since = (await store.merges()).findLast(({ state }) => state === 'merged')?.commit;
  const merged = new Map((await mergedTasks(repository, { branch, since })).map((each) => [each.task, each]));
  const tasks = await store.tasks({ ids: [...merged.keys()] });
  for (const { id, state } of tasks) if (!OVER.includes(state)) await makePending(store, id, state);
  const recorded: TaskId[] = [];
  for (;;) {
    const ready = await claimOf(store, new Set(merged.keys()));
    if (ready.length === 0) return recorded;
    for (const { task, attempt, fence } of ready) {
      const { commit } = merged.get(task) as MergedTask;
      const { strategy } = config.merge;
      await store.append({ task, attempt, fence }, [
        { type: 'merge.done', task, attempt, branch, commit, strategy, recovered: true },
        { type: 'task.done', task, attempt, commit, summary: 'was merged before the state was restored' },
      ]);
      recorded.push(task);
    }
  }
}

/** What failed, waited or was cancelled then went on later. */
async function makePending(store: Store, task: TaskId, state: TaskState): Promise<void> {
  const by = 'restore';
  if (state === 'waiting_input') await store.command(task, () => [{ type: 'task.cancelled', task, by }]);
  if (state === 'blocked' || (state !== 'waiting_input' && !isFinal(state))) return;
  await store.command(task, () => [{ type: 'task.reset', task, by }]);
}

async function claimOf(store: Store, wanted: ReadonlySet<TaskId>) {
  const { claims } = await store.claim({
    orchestrator: systemIds.next('orc'),
    freeSlots: Math.max(1, wanted.size),
    leaseMs: LEASE_MS,
    decide: ({ ready }) => ({
      claims: ready.filter(({ id }) => wanted.has(id)).map(({ id }) => id),
      wakeAt: undefined,
    }),
  });
  return claims;
}
