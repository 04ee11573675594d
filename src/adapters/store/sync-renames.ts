import { sql } from 'kysely';
import type { NewEvent } from '../../core/events/event.ts';
import type { Rename } from '../../core/syncing/renames.ts';
import type { Write } from './session.ts';

/** No id of a roadmap begins with it. */
const ON_THE_WAY = '~';

/** Where messages name a task, as `task:<id>`. */
const MESSAGE_NAMES = [
  ['messages', 'sender'],
  ['messages', 'recipient'],
  ['message_reads', 'reader'],
] as const;

/**
 * Gives tasks their new ids, in every table but the log, which keeps what was said as it was said. Ids may go round
 * in a circle, so those whose new id is still taken go by an id that nobody can have.
 */
export async function renameTasks(tx: Write, renames: readonly Rename[]): Promise<NewEvent[]> {
  const taken = new Set<string>(renames.map(({ from }) => from));
  const onTheWay = renames.filter(({ to }) => taken.has(to));
  for (const { from } of onTheWay) await renameTask(tx, from, ON_THE_WAY + from);
  // Those first that make room for the others.
  for (const { from, to } of [...renames.filter(({ to }) => !taken.has(to)), ...onTheWay]) {
    await renameTask(tx, taken.has(to) ? ON_THE_WAY + from : from, to);
    await keepPlace(tx, { from, to });
  }
  return renames.map(({ from, to }) => ({ type: 'task.renamed', task: to, from }));
}

/** A task that was begun keeps the branch and worktree of the id that it had then. */
async function keepPlace({ db, project }: Write, { from, to }: Rename): Promise<void> {
  await db
    .updateTable('tasks')
    .set({
      place: sql<string | null>`nullif(coalesce(place, case when attempts > 0 then ${from} end), ${to})`,
    })
    .where('project_id', '=', project)
    .where('id', '=', to)
    .execute();
}

async function renameTask({ db, project }: Write, from: string, to: string): Promise<void> {
  await db
    .updateTable('tasks')
    .set({ id: to })
    .where('project_id', '=', project)
    .where('id', '=', from)
    .execute();
  for (const table of ['steps', 'turn_parts', 'sessions', 'questions'] as const) {
    await db
      .updateTable(table)
      .set({ task: to })
      .where('project_id', '=', project)
      .where('task', '=', from)
      .execute();
  }
  for (const [table, column] of MESSAGE_NAMES) {
    await db
      .updateTable(table)
      .set({ [column]: `task:${to}` })
      .where('project_id', '=', project)
      .where(column, '=', `task:${from}`)
      .execute();
  }
  for (const column of ['node', 'needs'] as const) {
    await db
      .updateTable('edges')
      .set({ [column]: to })
      .where('project_id', '=', project)
      .where(column, '=', from)
      .execute();
  }
}
