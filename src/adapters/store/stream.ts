import { sql } from 'kysely';
import { CodewalkError } from '../../core/errors.ts';
import type { NewEvent } from '../../core/events/event.ts';
import { eventHash, GENESIS } from './chain.ts';
import { prepared, sized } from './prepared.ts';
import type { Session, Write } from './session.ts';

/** Rows of one insert; small enough for every engine's limit of parameters. */
const MOST_ROWS = 200;

/** Takes the next numbers, and reads what the events to come are chained to and dated with, in one round trip. */
const advance = prepared((db, values: { count: number }, { project, now }) =>
  db
    .updateTable('stream')
    .set((eb) => ({ head: eb('head', '+', values.count) }))
    .where('project_id', '=', project)
    .returning((eb) => [
      'head',
      now.as('now'),
      eb
        .selectFrom('events')
        .select('hash')
        .where('project_id', '=', project)
        .where('seq', '=', sql<number>`stream.head - ${values.count}`)
        .as('previous'),
    ]),
);

const insertEvents = sized((size) =>
  prepared((db, values: Record<string, never>, { project }) =>
    db.insertInto('events').values(
      Array.from({ length: size }, (_, row) => ({
        project_id: project,
        seq: values[`seq${row}`] as unknown as number,
        at: values['at'] as unknown as number,
        type: values[`type${row}`] as unknown as string,
        task: values[`task${row}`] as unknown as string | null,
        body: values[`body${row}`] as unknown as string,
        hash: values[`hash${row}`] as unknown as string,
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
  if (row.previous === null && before > 0) throw gapBefore(tx, before);
  let hash = row.previous ?? GENESIS;
  for (let from = 0; from < events.length; from += MOST_ROWS) {
    const chunk = events.slice(from, from + MOST_ROWS);
    const values: Record<string, string | number | null> = { at: row.now };
    chunk.forEach((event, index) => {
      const seq = before + from + index + 1;
      const task = 'task' in event ? event.task : null;
      const body = JSON.stringify(event);
      hash = eventHash(hash, { seq, at: row.now, type: event.type, task, body });
      values[`seq${index}`] = seq;
      values[`type${index}`] = event.type;
      values[`task${index}`] = task;
      values[`body${index}`] = body;
      values[`hash${index}`] = hash;
    });
    await insertEvents(chunk.length).run(tx, values as Record<string, never>);
  }
  tx.head = { seq: row.head, hash };
  return row.head;
}

function gapBefore({ project }: Write, seq: number): CodewalkError {
  return new CodewalkError('STORE_CORRUPT', `Table events has no row ${seq} of project ${project}`, {
    advice: 'See what else is damaged with `cw db verify`, then bring a backup back: `cw db restore <file>`.',
  });
}

/** Number of the newest event, 0 when there is none. */
export async function headOf(session: Session): Promise<number> {
  return (await readHead.first(session, {}))?.head ?? 0;
}
