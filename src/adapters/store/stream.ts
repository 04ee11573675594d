import type { NewEvent } from '../../core/events/event.ts';
import { prepared, sized } from './prepared.ts';
import type { Session, Write } from './session.ts';

/** Rows of one insert; small enough for every engine's limit of parameters. */
const MOST_ROWS = 200;

const advance = prepared((db, values: { count: number }, { project }) =>
  db
    .updateTable('stream')
    .set((eb) => ({ head: eb('head', '+', values.count) }))
    .where('project_id', '=', project)
    .returning('head'),
);

const insertEvents = sized((size) =>
  prepared((db, values: Record<string, never>, { project, now }) =>
    db.insertInto('events').values(
      Array.from({ length: size }, (_, row) => ({
        project_id: project,
        seq: values[`seq${row}`] as unknown as number,
        at: now,
        type: values[`type${row}`] as unknown as string,
        task: values[`task${row}`] as unknown as string | null,
        body: values[`body${row}`] as unknown as string,
      })),
    ),
  ),
);

/** The row that a project's writers lock; none before the project is opened for the first time. */
export const readHead = prepared((db, _values: object, { project }) =>
  db.selectFrom('stream').select('head').where('project_id', '=', project),
);

/**
 * Writes facts to the log and returns the number of the last one. Numbers come from one row that the writer of
 * the project holds until its commit, so they have no gap and rise in the order of commits.
 */
export async function appendToLog(tx: Write, events: readonly NewEvent[]): Promise<number> {
  if (events.length === 0) return await headOf(tx);
  const row = await advance.first(tx, { count: events.length });
  if (row === undefined) throw new Error(`Project ${tx.project} has no stream`);
  const before = row.head - events.length;
  for (let from = 0; from < events.length; from += MOST_ROWS) {
    const chunk = events.slice(from, from + MOST_ROWS);
    const values: Record<string, string | number | null> = {};
    chunk.forEach((event, index) => {
      values[`seq${index}`] = before + from + index + 1;
      values[`type${index}`] = event.type;
      values[`task${index}`] = 'task' in event ? event.task : null;
      values[`body${index}`] = JSON.stringify(event);
    });
    await insertEvents(chunk.length).run(tx, values as Record<string, never>);
  }
  tx.changed = true;
  return row.head;
}

/** Number of the newest event, 0 when there is none. */
export async function headOf(session: Session): Promise<number> {
  return (await readHead.first(session, {}))?.head ?? 0;
}
