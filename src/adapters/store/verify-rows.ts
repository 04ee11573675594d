import { definitionColumn, parseColumn, stringsColumn } from './json-column.ts';
import type { Session } from './session.ts';

/** Reads what the rows hold as everybody else does. Throws `STORE_CORRUPT` with the first that cannot be read. */
export async function verifyRows({ db, project }: Session): Promise<string> {
  const tasks = await db
    .selectFrom('tasks')
    .select(['id', 'definition', 'needs', 'files'])
    .where('project_id', '=', project)
    .orderBy('position')
    .execute();
  for (const { id, definition, needs, files } of tasks) {
    parseColumn(definitionColumn, definition, { table: 'tasks', key: id });
    for (const list of [needs, files]) parseColumn(stringsColumn, list, { table: 'tasks', key: id });
  }
  const gates = await db
    .selectFrom('gates')
    .select(['id', 'members'])
    .where('project_id', '=', project)
    .execute();
  for (const { id, members } of gates) parseColumn(stringsColumn, members, { table: 'gates', key: id });
  return `${tasks.length} tasks can be read`;
}
