import { statSync } from 'node:fs';
import type { BackupRecord } from '../../core/storage/report.ts';
import { BACKUP_PROJECT, noteOf, openBackup } from './backup.ts';
import { schemaVersion } from './migrate.ts';
import { fileOf, openDatabase, type StoreOptions } from './open.ts';
import { type Session, sessionOn } from './session.ts';
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
