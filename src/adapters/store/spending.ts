import { sql } from 'kysely';
import { prepared } from './prepared.ts';
import type { Session, Write } from './session.ts';

/** Local midnights and the begin of every hour fall on quarters, whatever the time zone. */
const QUARTER_MS = 900_000;
/** The slot that holds the sum. */
const TOTAL = 0;

const add = prepared((db, values: { slot: number; cost: number }, { project }) =>
  db
    .insertInto('spending')
    .values([
      { project_id: project, slot: TOTAL, cost_usd: values.cost },
      { project_id: project, slot: values.slot, cost_usd: values.cost },
    ])
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'slot']).doUpdateSet({
        cost_usd: sql<number>`spending.cost_usd + excluded.cost_usd`,
      }),
    ),
);

const readTotal = prepared((db, _values: object, { project }) =>
  db.selectFrom('spending').select('cost_usd').where('project_id', '=', project).where('slot', '=', TOTAL),
);

const readSince = prepared((db, values: { slot: number }, { project }) =>
  db
    .selectFrom('spending')
    .select((eb) => eb.fn.sum<number | null>('cost_usd').as('cost_usd'))
    .where('project_id', '=', project)
    .where('slot', '>=', values.slot),
);

/** Counts what a turn cost. */
export async function addSpending(tx: Write, now: number, cost: number): Promise<void> {
  if (cost > 0) await add.run(tx, { slot: slotOf(now), cost });
}

/** At most a row for each quarter of an hour is read: 96 for a day. */
export async function spentSince(session: Session, since: number | undefined): Promise<number> {
  const row =
    since === undefined
      ? await readTotal.first(session, {})
      : await readSince.first(session, { slot: slotOf(since) });
  return row?.cost_usd ?? 0;
}

function slotOf(time: number): number {
  return time - (time % QUARTER_MS);
}
