import { sql } from 'kysely';
import * as z from 'zod';
import type { TaskId } from '../../core/ids.ts';
import type { ProjectPaused } from '../../core/tasks/ports.ts';
import type { Pause } from '../../core/tasks/task.ts';
import { parseColumn } from './json-column.ts';
import { getMeta, setMeta } from './meta.ts';
import { prepared } from './prepared.ts';
import { leave } from './projections/pause.ts';
import { record } from './projections/record.ts';
import { TaskChange } from './projections/task-change.ts';
import type { Session, Write } from './session.ts';
import { appendToLog } from './stream.ts';

/** The meta value that says that the project is paused; there is none while it is not. */
export const PAUSE_KEY = 'paused';

const pauseColumn = z.object({ by: z.string(), reason: z.string(), at: z.number() });

const readHeld = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('tasks')
    .select(['id', 'attempts', 'intent_commit'])
    .where('project_id', '=', project)
    .where('owner', 'is not', null)
    .orderBy('position'),
);

const endPause = prepared((db, _values: object, { project }) =>
  db.deleteFrom('meta').where('project_id', '=', project).where('key', '=', sql.lit(PAUSE_KEY)),
);

/** The pause of the project that stands. */
export async function projectPause(session: Session): Promise<Pause | undefined> {
  const text = await getMeta(session, PAUSE_KEY);
  return text === undefined ? undefined : parseColumn(pauseColumn, text, { table: 'meta', key: PAUSE_KEY });
}

/** See `Store.pauseProject`. One that stands is kept, unless there is something at work that is to be stopped. */
export async function pauseProject(
  tx: Write,
  { by, reason, now }: { by: string; reason: string; now: boolean },
): Promise<ProjectPaused> {
  const held = await readHeld.all(tx, {});
  const stopping = now ? held.filter(({ intent_commit: intent }) => intent === null) : [];
  const idsOf = (rows: typeof held) => rows.map(({ id }) => id as TaskId);
  const atWork = idsOf(held.filter((row) => !stopping.includes(row)));
  const before = await projectPause(tx);
  if (before !== undefined && stopping.length === 0)
    return { pause: before, stood: true, stopped: [], atWork };
  const pause: Pause = {
    by,
    reason: reason === '' ? (before?.reason ?? '') : reason,
    at: await tx.log.now(),
  };
  const stopped = idsOf(stopping);
  await setMeta(tx, PAUSE_KEY, JSON.stringify(pause));
  await appendToLog(tx, [{ type: 'project.paused', by, reason: pause.reason, stopped }]);
  for (const row of stopping) await takeBack(tx, row, `${by} paused the project`);
  return { pause, stood: false, stopped, atWork };
}

/** See `Store.resumeProject`. */
export async function resumeProject(tx: Write, by: string): Promise<Pause | undefined> {
  const before = await projectPause(tx);
  if (before === undefined) return undefined;
  await endPause.run(tx, {});
  await appendToLog(tx, [{ type: 'project.resumed', by }]);
  return before;
}

/** Takes a task from its orchestrator, back into the queue. */
async function takeBack(tx: Write, row: { id: string; attempts: number }, reason: string): Promise<void> {
  const change = await TaskChange.begin(tx, row.id as TaskId);
  if (change === undefined) return;
  await leave(change, reason);
  await record(change, [{ type: 'task.released', task: change.id, attempt: row.attempts, reason }]);
}
