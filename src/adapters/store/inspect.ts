import { statSync } from 'node:fs';
import type { BackupRecord } from '../../core/storage/report.ts';
import { BACKUP_PROJECT, noteOf, openBackup } from './backup.ts';
import { schemaVersion } from './migrate.ts';
import { fileOf, openDatabase, type StoreOptions } from './open.ts';
import { retried } from './retried.ts';
import { type Session, sessionOn } from './session.ts';
import { SqliteEngine } from './sqlite-engine.ts';
import { damaged, inspectFile } from './sqlite-file.ts';
import { headOf } from './stream.ts';

/** What the state is, whether or not it is whole. */
export async function inspectState(options: StoreOptions): Promise<{
  place: string;
  state: { schema: number; events: number; tasks: number; bytes: number | undefined };
  seen: number | undefined;
}> {
  const { engine, session, headFile } = await openDatabase({ ...options, asItIs: true });
  try {
    const seen = headFile?.read();
    const file = fileOf(options.url);
    return {
      place: engine.place,
      state: {
        schema: await schemaVersion(engine),
        events: await headOf(session),
        tasks: await tasksIn(session),
        bytes: file === undefined ? undefined : sizeOf(file) + sizeOf(`${file}-wal`),
      },
      seen: seen === undefined || seen === 'damaged' ? undefined : seen.seq,
    };
  } finally {
    headFile?.[Symbol.dispose]();
    await engine[Symbol.asyncDispose]();
  }
}

/** A larger file takes longer to go through than a person waits for a run to begin; `cw db verify` does it all the same. */
const MOST_CHECKED_BYTES = 256 * 1_048_576;

/** Goes through every page of a SQLite file before work begins on it. Throws `STORE_CORRUPT`. */
export async function checkPages(url: string): Promise<void> {
  const file = fileOf(url);
  const size = file === undefined ? 0 : sizeOf(file);
  if (file === undefined || size === 0 || size > MOST_CHECKED_BYTES) return;
  inspectFile(file, undefined);
  await using engine = new SqliteEngine(file, { readOnly: true });
  const damage = await retried(engine, () => engine.findDamage());
  if (damage !== undefined) throw damaged(file, damage.replaceAll(/\s+/g, ' '));
}

/** What a backup says about itself, unchecked; absent when it cannot even say that. */
export async function glanceAtBackup(file: string): Promise<BackupRecord | undefined> {
  try {
    await using engine = openBackup(file);
    const session = sessionOn(engine, BACKUP_PROJECT);
    const { place, at, version } = await noteOf(engine, file);
    const [schema, events, tasks] = [
      await schemaVersion(engine),
      await headOf(session),
      await tasksIn(session),
    ];
    return { file, place, at, version, schema, events, tasks, bytes: sizeOf(file) };
  } catch {
    return undefined;
  }
}

async function tasksIn({ db, project }: Session): Promise<number> {
  const row = await db
    .selectFrom('tasks')
    .select((eb) => eb.fn.countAll<number>().as('tasks'))
    .where('project_id', '=', project)
    .where('state', '!=', 'archived')
    .executeTakeFirst();
  return Number(row?.tasks ?? 0);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
