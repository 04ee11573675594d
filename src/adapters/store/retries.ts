import { retrySlot, withSlot } from '../../core/resilience/retry-slots.ts';
import { numbersColumn, parseColumn } from './json-column.ts';
import { prepared } from './prepared.ts';
import type { Write } from './session.ts';

const readTimes = prepared((db, _values: object, { project, now }) =>
  db
    .selectFrom('stream')
    .leftJoin('retries', 'retries.project_id', 'stream.project_id')
    .select(['retries.times', now.as('now')])
    .where('stream.project_id', '=', project),
);

const writeTimes = prepared((db, values: { times: string }, { project }) =>
  db
    .insertInto('retries')
    .values({ project_id: project, times: values.times })
    .onConflict((conflict) =>
      conflict.column('project_id').doUpdateSet((eb) => ({ times: eb.ref('excluded.times') })),
    ),
);

/** Finds the retry its time and keeps that, so that the next one, of whatever orchestrator, sees it. */
export async function planRetry(tx: Write, delayMs: number, perMinute: number): Promise<number> {
  const row = await readTimes.first(tx, {});
  if (row === undefined) throw new Error(`Project ${tx.project} has no stream`);
  const taken = parseColumn(numbersColumn, row.times ?? '[]', { table: 'retries', key: tx.project });
  const at = retrySlot(taken, row.now + delayMs, perMinute);
  await writeTimes.run(tx, { times: JSON.stringify(withSlot(taken, at, row.now)) });
  return at;
}
