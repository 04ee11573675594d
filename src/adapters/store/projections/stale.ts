import { sql } from 'kysely';
import type { AttemptEvent } from '../../../core/events/event.ts';
import { REVISION_LENGTH } from '../digest.ts';
import { prepared } from '../prepared.ts';
import type { TaskChange } from './task-change.ts';

const clearStale = prepared((db, values: { id: string; revision: string }, { project }) =>
  db
    .updateTable('tasks')
    .set({ stale: null })
    .where('project_id', '=', project)
    .where('id', '=', values.id)
    .where(sql`substr(digest, 1, ${sql.lit(REVISION_LENGTH)})`, '=', values.revision),
);

/** Its agent knows the definition now, unless another edit came meanwhile. */
export async function refresh(
  { tx, id }: TaskChange,
  { revision }: Extract<AttemptEvent, { type: 'task.refreshed' }>,
): Promise<void> {
  await clearStale.run(tx, { id, revision });
}
