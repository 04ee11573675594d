import { setImmediate } from 'node:timers/promises';
import { eventHash, GENESIS } from './chain.ts';
import { prepared } from './prepared.ts';
import type { Session } from './session.ts';

/** Rows that are read at a time. */
const BATCH = 1_000;

/** What is wrong with the first event that is not as it was written. */
export interface BrokenLink {
  readonly seq: number;
  readonly problem: string;
}

export interface LogReport {
  /** Events that were read. */
  readonly events: number;
  readonly broken: BrokenLink | undefined;
}

const readRows = prepared((db, values: { after: number; limit: number }, { project }) =>
  db
    .selectFrom('events')
    .select(['seq', 'at', 'type', 'task', 'body', 'hash'])
    .where('project_id', '=', project)
    .where('seq', '>', values.after)
    .orderBy('seq')
    .limit(values.limit),
);

/**
 * Goes through the log and names the first event that was changed, left out, put in or moved. What was cut off its end
 * only the head tells: see `HeadFile`.
 */
export async function verifyLog(session: Session): Promise<LogReport> {
  let [last, previous] = [0, GENESIS];
  for (;;) {
    const rows = await readRows.all(session, { after: last, limit: BATCH });
    if (rows.length === 0) return { events: last, broken: undefined };
    for (const { hash, ...row } of rows) {
      const expected = last + 1;
      if (row.seq !== expected) {
        const problem = `events ${expected} to ${row.seq - 1} are not there`;
        return { events: last, broken: { seq: expected, problem } };
      }
      if (eventHash(previous, row) !== hash) {
        const problem = 'it, or the one before it, is not as it was written';
        return { events: last, broken: { seq: row.seq, problem } };
      }
      [last, previous] = [row.seq, hash];
    }
    await setImmediate();
  }
}
