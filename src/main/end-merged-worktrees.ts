import type { Repository } from '../adapters/git/repository.ts';
import { Worktree } from '../adapters/git/worktree.ts';
import type { Engine } from '../core/attempts/engine.ts';
import { taskId } from '../core/ids.ts';

/**
 * Ends the worktrees of tasks that are done: a crash between a merge and the end of its worktree leaves one behind,
 * and no attempt will ever come back to it. Whatever is not in the merge is kept. Only for a time at which no other
 * orchestrator works in this checkout: it may be ending one of them itself.
 */
export async function endMergedWorktrees(engine: Engine, repository: Repository): Promise<void> {
  const { store, workspaces, integration, config, sandboxes } = engine;
  const ids = Worktree.list(repository).flatMap(({ place }) => taskId.safeParse(place).data ?? []);
  if (ids.length === 0) return;
  const mergedInto = await integration.head(config.merge.integrationBranch);
  if (mergedInto === undefined) return;
  for (const { id, head } of await store.tasks({ ids, states: ['done'] })) {
    const workspace = await workspaces.open({ task: id, base: mergedInto });
    await workspaces.release(workspace, { mergedInto, mergedHead: head ?? mergedInto });
    await sandboxes.discard(id);
  }
}
