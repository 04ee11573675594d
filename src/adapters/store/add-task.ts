import type { PlannedTask, TaskDefinition } from '../../core/roadmap/model.ts';
import { digestOf } from './digest.ts';
import { FIRST_AD_HOC_POSITION } from './positions.ts';
import type { Write } from './session.ts';
import { appendToLog } from './stream.ts';
import { writeDefinitions } from './sync-rows.ts';

/** Adds a task outside the roadmap, behind all others in roadmap order. */
export async function addTask(
  tx: Write,
  definition: TaskDefinition,
  by: string,
): Promise<'added' | 'exists'> {
  const { db, project } = tx;
  const known = await db
    .selectFrom('tasks')
    .select('id')
    .where('project_id', '=', project)
    .where((eb) => eb.or([eb('id', '=', definition.id), eb('place', '=', definition.id)]))
    .executeTakeFirst();
  if (known !== undefined) return 'exists';
  const last = await db
    .selectFrom('tasks')
    .select((eb) => eb.fn.max('position').as('position'))
    .where('project_id', '=', project)
    .executeTakeFirst();
  const order = Math.max(FIRST_AD_HOC_POSITION, Number(last?.position ?? 0) + 1);
  const task: PlannedTask = { definition: { ...definition, adHoc: true }, order, needs: [], chain: 1 };
  const row = {
    task,
    definition: JSON.stringify(task.definition),
    needs: '[]',
    digest: digestOf(task),
    pendingNeeds: 0,
    was: null,
    place: null,
    isNew: true,
    needsChanged: true,
  };
  await writeDefinitions(tx, { rows: [row], removed: [] });
  await appendToLog(tx, [{ type: 'task.added', task: definition.id, title: definition.title, by }]);
  return 'added';
}
