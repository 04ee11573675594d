import { UsageError } from '../../core/errors.ts';
import { witnessOf } from './hold-to.ts';
import { findLoss } from './lost-events.ts';
import { openDatabase, type StoreOptions } from './open.ts';
import { appendToLog } from './stream.ts';
import { Writer } from './writer.ts';

/**
 * Goes on with a database that lost events, because a person decided so: the decision is the next event, and what this
 * host has seen begins anew with it. Throws `UsageError` `NOTHING_LOST` when nothing is missing.
 */
export async function accept(
  options: Omit<StoreOptions, 'asItIs'> & { by: string },
): Promise<{ lost: number; endsAt: number }> {
  const { engine, session, headFile } = await openDatabase({ ...options, asItIs: true });
  try {
    const seen = headFile?.read();
    const loss = seen === undefined || seen === 'damaged' ? undefined : await findLoss(session, seen);
    if (loss === undefined && seen !== 'damaged') {
      throw new UsageError('NOTHING_LOST', `Nothing is missing from ${engine.place}`, {
        advice: 'Look at all of it with `cw db verify`.',
      });
    }
    const { missing: lost = 0, endsAt = 0 } = loss ?? {};
    const upTo = loss?.seen.seq ?? 0;
    const writer = new Writer(engine, options.project, {
      witness: witnessOf(engine, session, undefined),
      onChange: (head) => {
        headFile?.replace(head);
        engine.announce(options.project);
      },
    });
    await writer.write((tx) => appendToLog(tx, [{ type: 'log.accepted', lost, upTo, by: options.by }]));
    return { lost, endsAt };
  } finally {
    headFile?.[Symbol.dispose]();
    await engine[Symbol.asyncDispose]();
  }
}
