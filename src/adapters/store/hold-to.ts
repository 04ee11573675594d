import { basename } from 'node:path';
import type { Head } from './chain.ts';
import type { Engine } from './engine.ts';
import type { HeadFile } from './head-file.ts';
import { currentHead, findLoss, isSettled, lostEvents } from './lost-events.ts';
import { retried } from './retried.ts';
import type { Session } from './session.ts';
import { keepWal } from './sqlite-file.ts';
import type { Witness } from './writer.ts';

/** Refuses a database that lacks what this host has seen in it, before anything is written. */
export async function holdTo(
  engine: Engine,
  session: Session,
  { seen, headFile }: { seen: Head; headFile: HeadFile },
): Promise<void> {
  const loss = await findLoss(session, seen);
  if (loss === undefined) return;
  if (await isSettled(session, loss)) return headFile.replace(await currentHead(session));
  const { place } = engine;
  if (engine.kind === 'postgres') {
    throw lostEvents(loss, place, 'The server lost them, or an older copy was put in its place.');
  }
  keepWal(place);
  const likely = `${basename(place)}-wal, which held the last commits, was damaged or deleted, or an older copy was put in its place.`;
  throw lostEvents(loss, place, likely);
}

/** What this host has seen, as the witness of what was committed. */
export function witnessOf(engine: Engine, session: Session, headFile: HeadFile | undefined): Witness {
  return {
    holds: async (head) => (await findLoss(session, head)) === undefined,
    verify: async () => {
      const seen = headFile?.read();
      if (headFile === undefined || seen === undefined || seen === 'damaged') return;
      await retried(engine, () => holdTo(engine, session, { seen, headFile }));
    },
  };
}
