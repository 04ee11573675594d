import { statSync } from 'node:fs';
import { CodewalkError } from '../../core/errors.ts';
import type { BackupRecord, StorageCheck, StorageFinding, StorageReport } from '../../core/storage/report.ts';
import { readBackup } from './backup.ts';
import type { Engine } from './engine.ts';
import { findLoss, lostEvents } from './lost-events.ts';
import { fileOf, type OpenDatabase, openDatabase, type StoreOptions } from './open.ts';
import { retried } from './retried.ts';
import type { Session } from './session.ts';
import { damaged, inspectFile } from './sqlite-file.ts';
import { verifyCounters } from './verify-counters.ts';
import { verifyLog } from './verify-log.ts';
import { verifyRows } from './verify-rows.ts';

/** What verifying is there to find; anything else, such as a server that is away, is thrown. */
const DAMAGE: ReadonlySet<string> = new Set(['STORE_CORRUPT', 'STORE_LOST_EVENTS']);

/** Looks at everything that can be known about the state of a project, and writes nothing of it. */
export async function verifyState(options: Omit<StoreOptions, 'asItIs'>): Promise<StorageReport> {
  const file = fileOf(options.url);
  const first = file === undefined ? [] : [await found('file', async () => lookAt(file))];
  const place = file ?? 'the database';
  if (first.some(({ ok }) => !ok)) return { place, events: 0, findings: first };
  let opened: OpenDatabase;
  try {
    opened = await openDatabase({ ...options, asItIs: true });
  } catch (error) {
    return { place, events: 0, findings: [...first, asFinding('pages', error)] };
  }
  try {
    const { findings, events } = await verifyOpen(opened);
    return { place: opened.engine.place, events, findings: [...first, ...findings] };
  } finally {
    opened.headFile?.[Symbol.dispose]();
    await opened.engine[Symbol.asyncDispose]();
  }
}

/** The same for a backup. */
export async function verifyBackup(file: string): Promise<StorageReport> {
  let record: BackupRecord | undefined;
  const finding = await found('file', async () => {
    record = await readBackup(file);
    const made = new Date(record.at).toISOString();
    return `a backup of ${record.place} from ${made}: ${record.tasks} tasks, every page, row and event whole`;
  });
  return { place: file, events: record?.events ?? 0, findings: [finding] };
}

/**
 * The same for a database that is open; what this host has seen of it is the head file's, if there is one.
 * @internal Exported for the simulator.
 */
export async function verifyOpen({
  engine,
  session,
  headFile,
}: OpenDatabase): Promise<{ findings: StorageFinding[]; events: number }> {
  let events = 0;
  const checks: readonly [StorageCheck, () => Promise<string>][] = [
    ['pages', () => lookAtPages(engine)],
    [
      'log',
      async () => {
        events = await readLog(session);
        return `${events} events, each chained to the one before`;
      },
    ],
    ['head', () => compareHead(engine, session, headFile)],
    ['counters', () => verifyCounters(session)],
    ['rows', () => verifyRows(session)],
  ];
  const findings: StorageFinding[] = [];
  for (const [check, find] of checks) {
    findings.push(await found(check, () => retried(engine, find)));
  }
  return { findings, events };
}

function lookAt(file: string): string {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw damaged(file, 'it is not there');
  if (size === 0) throw damaged(file, 'it is empty');
  inspectFile(file, undefined);
  return 'it is a database, and as long as it should be';
}

async function lookAtPages(engine: Engine): Promise<string> {
  const damage = await engine.findDamage();
  if (damage !== undefined) throw damaged(engine.place, damage.replaceAll(/\s+/g, ' '));
  return engine.kind === 'sqlite' ? 'every page and index is whole' : 'the server looks after its own';
}

async function readLog(session: Session): Promise<number> {
  const { broken, events } = await verifyLog(session);
  if (broken === undefined) return events;
  throw new CodewalkError('STORE_CORRUPT', `event ${broken.seq}: ${broken.problem}`);
}

async function compareHead(
  engine: Engine,
  session: Session,
  headFile: OpenDatabase['headFile'],
): Promise<string> {
  const seen = headFile?.read();
  if (seen === undefined) return 'this host has seen nothing of it yet';
  if (seen === 'damaged') throw damaged(headFile?.path ?? 'the head', 'it cannot be read');
  const loss = await findLoss(session, seen);
  if (loss !== undefined) throw lostEvents(loss, engine.place, '');
  return `event ${seen.seq}, the newest that this host has seen, is there`;
}

async function found(check: StorageCheck, find: () => Promise<string>): Promise<StorageFinding> {
  try {
    return { check, ok: true, detail: await find() };
  } catch (error) {
    return asFinding(check, error);
  }
}

function asFinding(check: StorageCheck, error: unknown): StorageFinding {
  if (!(error instanceof CodewalkError) || !DAMAGE.has(error.code)) throw error;
  return { check, ok: false, detail: error.message };
}
