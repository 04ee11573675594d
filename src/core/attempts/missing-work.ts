import type { AttemptContext } from './attempt-context.ts';

/**
 * A host that died may have finished steps whose snapshots nobody else ever got. Takes those steps out of the history,
 * so that they are done again: what the history says is done must be in the worktree.
 */
export async function forgetMissingWork(context: AttemptContext): Promise<void> {
  const { integration, store } = context.engine;
  const { id, head } = context.task;
  if (head === undefined || head === context.head || (await integration.isAncestor(head, context.head)))
    return;
  const facts = await store.events(0, { task: id, types: ['task.snapshotted', 'task.reset'] });
  const reset = facts.findLastIndex(({ type }) => type === 'task.reset');
  for (const fact of facts.slice(reset + 1)) {
    if (fact.type !== 'task.snapshotted' || (await integration.isAncestor(fact.commit, context.head)))
      continue;
    // Those that failed made nothing that could be missing, and count.
    const kept = context.history.filter(
      ({ finishedAt, verdict }) => verdict === 'error' || (finishedAt ?? fact.at) < fact.at,
    );
    context.history.splice(0, context.history.length, ...kept);
    return;
  }
}
