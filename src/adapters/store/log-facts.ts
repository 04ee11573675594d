import type { AttemptEvent, NewEvent } from '../../core/events/event.ts';
import { getMeta, setMeta } from './meta.ts';
import { isRunFact } from './projections/kinds.ts';
import { record } from './projections/record.ts';
import { TaskChange } from './projections/task-change.ts';
import type { Write } from './session.ts';
import { appendToLog } from './stream.ts';

/** Logs facts that belong to no attempt and makes their changes. Returns the number of the last one. */
export async function logFacts(
  tx: Write,
  events: readonly Exclude<NewEvent, AttemptEvent>[],
): Promise<number> {
  for (const event of events) {
    if (isRunFact(event)) {
      // Rows that go with it are written by whoever makes it: an account's, an orchestrator's.
      await appendToLog(tx, [event]);
      continue;
    }
    const change = await TaskChange.begin(tx, event.task);
    if (change === undefined) throw new Error(`${event.type} names the unknown task ${event.task}`);
    await record(change, [event]);
  }
  return await tx.log.head();
}

/** See `Store.logOnce`. */
export async function logOnce(
  tx: Write,
  { key, value }: { key: string; value: string },
  events: Parameters<typeof logFacts>[1],
): Promise<boolean> {
  if ((await getMeta(tx, key)) === value) return false;
  await setMeta(tx, key, value);
  await logFacts(tx, events);
  return true;
}
