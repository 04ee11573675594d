import type { TaskDefinition } from '../../core/roadmap/model.ts';
import type { Write } from './session.ts';
import { appendToLog } from './stream.ts';
import { writeDefinitions } from './sync-rows.ts';

/** Positions of the roadmap's tasks end far below: it may have 1 MiB. */
const FIRST_POSITION = 1_000_000;

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
    .where('id', '=', definition.id)
    .executeTakeFirst();
  if (known !== undefined) return 'exists';
  const last = await db
    .selectFrom('tasks')
    .select((eb) => eb.fn.max('position').as('position'))
    .where('project_id', '=', project)
    .executeTakeFirst();
  const order = Math.max(FIRST_POSITION, Number(last?.position ?? 0) + 1);
  const row = {
    task: { definition, order, needs: [], chain: 1 },
    definition: JSON.stringify({ ...definition, adHoc: true }),
    needs: '[]',
    isNew: true,
    needsChanged: true,
  };
  await writeDefinitions(tx, { rows: [row], removed: [] });
  await appendToLog(tx, [{ type: 'task.added', task: definition.id, title: definition.title, by }]);
  return 'added';
}
