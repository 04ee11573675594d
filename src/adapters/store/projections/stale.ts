import type { AttemptEvent } from '../../../core/events/event.ts';
import { prepared } from '../prepared.ts';
import type { TaskChange } from './task-change.ts';

const clearStale = prepared((db, values: { id: string; digest: string }, { project }) =>
  db
    .updateTable('tasks')
    .set({ stale: null })
    .where('project_id', '=', project)
    .where('id', '=', values.id)
    .where('digest', '=', values.digest),
);

/** Its agent knows the definition now, unless another edit came meanwhile. */
export async function refresh(
  { tx, id }: TaskChange,
  { revision }: Extract<AttemptEvent, { type: 'task.refreshed' }>,
): Promise<void> {
  await clearStale.run(tx, { id, digest: revision });
}
