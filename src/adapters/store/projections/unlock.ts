import { prepared } from '../prepared.ts';
import type { TaskChange } from './task-change.ts';

const closeInGates = prepared((db, values: { id: string }, { project }) =>
  db
    .updateTable('gates')
    .set((eb) => ({ pending: eb('pending', '-', 1) }))
    .where('project_id', '=', project)
    .where('id', 'in', (eb) =>
      eb.selectFrom('edges').select('node').where('project_id', '=', project).where('needs', '=', values.id),
    )
    .returning(['id', 'pending']),
);

const unlockDependents = prepared((db, values: { id: string }, { project }) =>
  db
    .updateTable('tasks')
    .set((eb) => ({ pending_needs: eb('pending_needs', '-', 1) }))
    .where('project_id', '=', project)
    .where('id', 'in', (eb) =>
      eb.selectFrom('edges').select('node').where('project_id', '=', project).where('needs', '=', values.id),
    ),
);

/**
 * From now on dependents count the task as finished: directly, and through gates that it was the last member of.
 * Happens once in a task's life, so that a later reset cannot unlock anybody twice.
 */
export async function satisfy(change: TaskChange): Promise<void> {
  if (change.row.satisfied === 1) return;
  change.row.satisfied = 1;
  change.set({ satisfied: 1 });
  const { tx, id } = change;
  if (!change.row.is_needed) return;
  tx.ahead.forget();
  unlockDependents.post(tx, { id });
  for (const gate of await closeInGates.all(tx, { id })) {
    if (gate.pending === 0) unlockDependents.post(tx, { id: gate.id });
  }
}
