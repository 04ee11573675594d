import { sql } from 'kysely';
import { CodewalkError } from '../../core/errors.ts';
import { GENESIS, type Head } from './chain.ts';
import { decisionColumn, parseColumn } from './json-column.ts';
import { prepared } from './prepared.ts';
import type { Session } from './session.ts';
import { headOf } from './stream.ts';

/** Further back nobody looks for a host that was away. */
const MOST_DECISIONS = 100;

const readHash = prepared((db, values: { seq: number }, { project }) =>
  db.selectFrom('events').select('hash').where('project_id', '=', project).where('seq', '=', values.seq),
);

/** What the database lacks of what this host has seen committed. */
export interface Loss {
  /** The newest event in the database. */
  readonly endsAt: number;
  /** What this host has seen. */
  readonly seen: Head;
  /** Events that are not there; 0 when as many are there, but other ones. */
  readonly missing: number;
}

/** Compares the log with the newest event that this host has seen. Absent: nothing is missing. */
export async function findLoss(session: Session, seen: Head): Promise<Loss | undefined> {
  const row = await readHash.first(session, { seq: seen.seq });
  if (row?.hash === seen.hash) return undefined;
  const endsAt = await headOf(session);
  return { endsAt, seen, missing: Math.max(0, seen.seq - endsAt) };
}

const readDecisions = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('events')
    .select(['seq', 'body'])
    .where('project_id', '=', project)
    .where('type', 'in', ['store.restored', 'log.accepted'])
    .orderBy('seq', 'desc')
    .limit(sql.lit(MOST_DECISIONS)),
);

/** Whether somebody, perhaps on another host, has decided already to go on without what was seen here. */
export async function isSettled(session: Session, { seen }: Loss): Promise<boolean> {
  const rows = await readDecisions.all(session, {});
  return rows.some(({ seq, body }) => {
    return parseColumn(decisionColumn, body, { table: 'events', key: seq }).upTo >= seen.seq;
  });
}

/** Where the log ends now. */
export async function currentHead(session: Session): Promise<Head> {
  const seq = await headOf(session);
  return { seq, hash: (await readHash.first(session, { seq }))?.hash ?? GENESIS };
}

/** What is told of a loss; `likely` says in a few words what may have happened. */
export function lostEvents({ endsAt, seen, missing }: Loss, place: string, likely: string): CodewalkError {
  const number = (value: number) => value.toLocaleString('en-US');
  const what =
    missing > 0
      ? `${number(missing)} ${missing === 1 ? 'event is' : 'events are'} missing from ${place}: it ends at ${number(endsAt)}, ${number(seen.seq)} were written`
      : `Event ${number(seen.seq)} of ${place} is not the one that was written`;
  return new CodewalkError('STORE_LOST_EVENTS', what, {
    advice: `${likely} Bring a backup back with \`cw db restore <file>\`, or go on with what is there: \`cw db accept\`.`,
  });
}
