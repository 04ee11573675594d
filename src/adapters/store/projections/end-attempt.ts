import { sql } from 'kysely';
import { prepared } from '../prepared.ts';
import type { TaskChange } from './task-change.ts';

const closeSteps = prepared((db, values: { task: string; attempt: number; now: number }, { project }) =>
  db
    .updateTable('steps')
    .set({ state: 'finished', outcome: 'killed', finished_at: values.now })
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('attempt', '<=', values.attempt)
    // Spelled out as in the index, which SQLite only then uses.
    .where('state', '=', sql.lit('running' as const)),
);

/**
 * Frees the task's lease and closes the steps that are open: its own, and those of attempts that were lost before it, or
 * they would be listed for ever.
 */
export function endAttempt(change: TaskChange): void {
  change.set({ owner: null, lease_until: null });
  change.tx.ahead.ended(change.id);
  const { merge_state: merge, now, attempts: attempt } = change.row;
  if (merge === 'queued' || merge === 'merging') change.setMerge(null, null);
  if (!change.stepsLive) closeSteps.post(change.tx, { task: change.id, attempt, now });
}
