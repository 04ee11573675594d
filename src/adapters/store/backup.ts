import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { type CodewalkError, UsageError } from '../../core/errors.ts';
import type { BackupRecord } from '../../core/storage/report.ts';
import { copyProject, countProject, projectTables } from './copy-project.ts';
import type { Engine } from './engine.ts';
import { parseColumn } from './json-column.ts';
import { getMeta } from './meta.ts';
import { migrate, schemaVersion } from './migrate.ts';
import { sessionOn } from './session.ts';
import { openSqlite, SqliteEngine } from './sqlite-engine.ts';
import { damaged, inspectFile } from './sqlite-file.ts';
import { headOf } from './stream.ts';
import { verifyLog } from './verify-log.ts';

/** The project that a backup holds, whatever it is called where it came from. */
export const BACKUP_PROJECT = 'local';
/** The meta row that says what a backup is; it is not part of the state. */
export const BACKUP_KEY = 'backup';

const backupNote = z.object({
  place: z.string(),
  at: z.number(),
  version: z.string(),
  rows: z.record(z.string(), z.number()),
});

/**
 * Writes the whole state of one project into a new SQLite file, as it is at one moment, while others go on writing. The
 * file is complete and checked, or not there. Throws `UsageError` `BACKUP_EXISTS` for a file that is there already.
 */
export async function backUp(
  from: { engine: Engine; project: string },
  to: { file: string; now: number; version: string },
): Promise<BackupRecord> {
  const { file, now, version } = to;
  if (existsSync(file)) {
    throw new UsageError('BACKUP_EXISTS', `${file} is there already`, { advice: 'Name a file that is not.' });
  }
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.part-${process.pid}`;
  removeDatabase(part);
  try {
    await write(part, from, { now, version });
    const record = await readBackup(part);
    sync(part);
    renameSync(part, file);
    sync(dirname(file));
    return { ...record, file };
  } catch (error) {
    removeDatabase(part);
    throw error;
  }
}

async function write(
  part: string,
  { engine, project }: { engine: Engine; project: string },
  { now, version }: { now: number; version: string },
): Promise<void> {
  await using target = await openSqlite(part);
  await migrate(target, version, await schemaVersion(engine));
  const tables = await projectTables(target.db);
  await engine.snapshot(async (source) => {
    await target.db.transaction().execute(async (tx) => {
      const rows = await copyProject({ db: source, project }, { db: tx, project: BACKUP_PROJECT }, tables);
      const value = JSON.stringify({ place: engine.place, at: now, version, rows });
      await tx.insertInto('meta').values({ project_id: BACKUP_PROJECT, key: BACKUP_KEY, value }).execute();
    });
  });
  target.becomeOneFile();
}

/** What a backup holds, after all of it was checked. Throws `STORE_CORRUPT`, or `UsageError` `NO_BACKUP`. */
export async function readBackup(file: string): Promise<BackupRecord> {
  await using engine = openBackup(file);
  const damage = await engine.findDamage();
  if (damage !== undefined) throw damaged(file, damage.replaceAll(/\s+/g, ' '));
  const session = sessionOn(engine, BACKUP_PROJECT);
  const schema = await schemaVersion(engine);
  const tables = await projectTables(engine.db);
  const note = await noteOf(engine, file);
  const counted = await countProject({ db: engine.db, project: BACKUP_PROJECT }, tables);
  for (const [table, rows] of Object.entries(note.rows)) {
    const there = (counted[table] ?? 0) - (table === 'meta' ? 1 : 0);
    if (there !== rows) throw damaged(file, `table ${table} has ${there} of ${rows} rows`);
  }
  const events = await headOf(session);
  if (schema >= CHAINED_SINCE) {
    const { broken } = await verifyLog(session);
    if (broken !== undefined) throw damaged(file, `event ${broken.seq}: ${broken.problem}`);
  }
  const { place, at, version } = note;
  return {
    file,
    place,
    at,
    version,
    schema,
    events,
    tasks: counted['tasks'] ?? 0,
    bytes: statSync(file).size,
  };
}

/** What a backup says about itself. */
export async function noteOf(engine: Engine, file: string): Promise<z.infer<typeof backupNote>> {
  if (!(await engine.hasTable('meta'))) throw noBackup(file);
  const value = await getMeta(sessionOn(engine, BACKUP_PROJECT), BACKUP_KEY);
  if (value === undefined) throw noBackup(file);
  return parseColumn(backupNote, value, { table: 'meta', key: BACKUP_KEY });
}

/** The first schema whose events have hashes. */
const CHAINED_SINCE = 4;

/** Opens a backup to read it; nothing of it is changed. The caller ends it. */
export function openBackup(file: string): SqliteEngine {
  if (!existsSync(file)) {
    throw new UsageError('NO_BACKUP', `There is no file ${file}`, {
      advice: 'See `cw db info` for those there are.',
    });
  }
  inspectFile(file, undefined);
  return new SqliteEngine(file, { readOnly: true });
}

function noBackup(file: string): CodewalkError {
  return new UsageError('NO_BACKUP', `${file} is not a backup`, {
    advice: 'Name a file that `cw db backup` wrote; `cw db info` lists those in .codewalk/backups.',
  });
}

export function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${suffix}`, { force: true });
}

/** Makes a file or the names in a directory durable. */
function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
