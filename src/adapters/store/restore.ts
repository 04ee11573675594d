import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { sql } from 'kysely';
import { CodewalkError } from '../../core/errors.ts';
import type { TaskId } from '../../core/ids.ts';
import type { BackupRecord, Restored } from '../../core/storage/report.ts';
import { Ahead } from './ahead.ts';
import { BACKUP_KEY, BACKUP_PROJECT, backUp, openBackup, readBackup, removeDatabase } from './backup.ts';
import type { Head } from './chain.ts';
import { copyProject, deleteProject, type ProjectPart, projectTables } from './copy-project.ts';
import { latestSchema, migrate } from './migrate.ts';
import { fileOf, type OpenDatabase, openDatabase, type StoreOptions } from './open.ts';
import { nowOf } from './prepared.ts';
import { record } from './projections/record.ts';
import { TaskChange } from './projections/task-change.ts';
import { endOpenTurns } from './projections/turn-rows.ts';
import { retried } from './retried.ts';
import { type Session, sessionOn, type Write } from './session.ts';
import { openSqlite } from './sqlite-engine.ts';
import { inspectFile } from './sqlite-file.ts';
import { appendToLog, headOf, LogTail } from './stream.ts';
import { verifyLog } from './verify-log.ts';

/** Fences rise so far when it cannot be seen how far they had come. */
const BLIND_RISE = 1_000_000;

export interface RestoreOptions extends Omit<StoreOptions, 'asItIs' | 'version'> {
  readonly version: string;
  readonly stateDirectory: string;
  /** The backup. */
  readonly file: string;
  /** Go back although the state is newer, or orchestrators are at work. */
  readonly force: boolean;
  readonly by: string;
  /** Where what was there is kept. */
  readonly keepIn: string;
  /** Epoch ms; names what is kept. */
  readonly now: number;
  /** Orchestrators that are known to be dead though their lease has not run out. */
  readonly isDead: (orchestrator: {
    host: string;
    pid: number;
    pid_start: string;
    boot_id: string;
  }) => boolean;
}

/**
 * Makes a backup the state of the project, on either engine, in one transaction. What was there is kept; everything that
 * was being worked on is given back, and nobody who worked before can write any more. Throws `RESTORE_REFUSED`.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const backup = await readBackup(options.file);
  const aside = moveDamagedAside(options);
  const opened = await openSound(options);
  const { engine, session, headFile } = opened.database;
  const source = await currentCopy(options.file, backup, options.version);
  try {
    const before = await headOf(session);
    const seen = headFile?.read();
    const upTo = Math.max(before, seen === undefined || seen === 'damaged' ? 0 : seen.seq);
    if (!options.force) await refuse(session, source.file, { backup, before, options });
    const kept = before === 0 ? undefined : await keep(opened.database, options);
    const rise = aside === undefined && opened.aside === undefined ? 1 : BLIND_RISE;
    const given = await putIn(opened.database, source.file, {
      ...options,
      events: backup.events,
      upTo,
      rise,
    });
    return { backup, before, kept: kept ?? aside ?? opened.aside, given };
  } finally {
    source.done();
    headFile?.[Symbol.dispose]();
    await engine[Symbol.asyncDispose]();
  }
}

/** A file that SQLite cannot read, or would throw parts of away, makes room for a new one. */
function moveDamagedAside({ url, now }: RestoreOptions): string | undefined {
  const file = fileOf(url);
  if (file === undefined || !existsSync(file)) return undefined;
  try {
    inspectFile(file, undefined);
    return undefined;
  } catch {
    return moveAside(file, now);
  }
}

function moveAside(file: string, now: number): string {
  const aside = `${file}.damaged-${now}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(`${file}${suffix}`)) renameSync(`${file}${suffix}`, `${aside}${suffix}`);
  }
  return aside;
}

async function openSound(options: RestoreOptions): Promise<{ database: OpenDatabase; aside?: string }> {
  const { url, project, stateDirectory, version } = options;
  const place = { url, project, stateDirectory, version, asItIs: true };
  const file = fileOf(url);
  if (file === undefined) return { database: await openDatabase(place) };
  try {
    const database = await openDatabase(place);
    if ((await database.engine.findDamage()) === undefined) return { database };
    database.headFile?.[Symbol.dispose]();
    await database.engine[Symbol.asyncDispose]();
  } catch (error) {
    if (!(error instanceof CodewalkError) || error.code !== 'STORE_CORRUPT') throw error;
  }
  const aside = moveAside(file, options.now);
  return { database: await openDatabase(place), aside };
}

/** The backup with today's schema: itself, or a copy that was brought there. */
async function currentCopy(
  file: string,
  { schema }: BackupRecord,
  version: string,
): Promise<{ file: string; done: () => void }> {
  if (schema === latestSchema()) return { file, done: () => {} };
  const copy = `${file}.migrated-${process.pid}`;
  removeDatabase(copy);
  copyFileSync(file, copy);
  const engine = await openSqlite(copy);
  try {
    await migrate(engine, version);
    engine.becomeOneFile();
  } finally {
    await engine[Symbol.asyncDispose]();
  }
  return { file: copy, done: () => removeDatabase(copy) };
}

async function refuse(
  session: Session,
  file: string,
  { backup, before, options }: { backup: BackupRecord; before: number; options: RestoreOptions },
): Promise<void> {
  const rows = await session.db
    .selectFrom('orchestrators')
    .select(['host', 'pid', 'pid_start', 'boot_id'])
    .where('project_id', '=', session.project)
    .where('lost', '=', 0)
    .where('lease_until', '>', nowOf(session.kind))
    .execute();
  const [alive] = rows.filter((row) => !options.isDead(row));
  if (alive !== undefined) {
    throw refused(
      `An orchestrator is at work: process ${alive.pid} on ${alive.host}`,
      'Stop it first, or restore under it with --force: all that it does from then on is refused.',
    );
  }
  if (before === 0) return;
  const { events } = backup;
  if (before > events || !(await holds(session, file, before))) {
    throw refused(
      `The state has ${before} events, and the backup of ${new Date(backup.at).toISOString()} has ${events}`,
      'Go back all the same with --force; what is there now is kept as a backup.',
    );
  }
}

const refused = (message: string, advice: string): CodewalkError =>
  new CodewalkError('RESTORE_REFUSED', message, { advice });

/** Whether the backup goes on from what is there. */
async function holds(session: Session, file: string, seq: number): Promise<boolean> {
  const hashAt = async ({ db, project }: Pick<Session, 'db' | 'project'>): Promise<string | undefined> =>
    (
      await db
        .selectFrom('events')
        .select('hash')
        .where('project_id', '=', project)
        .where('seq', '=', seq)
        .executeTakeFirst()
    )?.hash;
  await using backup = openBackup(file);
  return (await hashAt(session)) === (await hashAt({ db: backup.db, project: BACKUP_PROJECT }));
}

/** Keeps the state as a backup; a log that is damaged is no reason to lose it, but there is no backup of that. */
async function keep({ engine, session }: OpenDatabase, options: RestoreOptions): Promise<string | undefined> {
  if ((await verifyLog(session)).broken !== undefined) return undefined;
  const { keepIn: file, now, version, project } = options;
  return (await backUp({ engine, project }, { file, now, version })).file;
}

async function putIn(
  { engine, session, headFile }: OpenDatabase,
  file: string,
  options: RestoreOptions & { events: number; upTo: number; rise: number },
): Promise<readonly TaskId[]> {
  const { project, by, events, upTo, rise } = options;
  await using source = openBackup(file);
  // The row of the stream is what writers wait for: it stays, with another number.
  const tables = (await projectTables(source.db)).filter(({ name }) => name !== 'stream');
  const end = await headOf(sessionOn(source, BACKUP_PROJECT));
  let given: readonly TaskId[] = [];
  let head: Head | undefined;
  await retried(engine, () =>
    engine.write(project, async (open) => {
      const part = { db: open.db, project };
      const fences = await fencesOf(part);
      await deleteProject(part, tables);
      await copyProject({ db: source.db, project: BACKUP_PROJECT }, part, tables);
      await open.db.updateTable('stream').set({ head: end }).where('project_id', '=', project).execute();
      await forgetPlaces(part);
      await raiseFences(part, fences, rise);
      const inside = { ...session, ...open, isTransaction: true };
      const tx: Write = { ...inside, log: new LogTail(inside), ahead: new Ahead() };
      given = await giveBackAll(tx);
      await appendToLog(tx, [{ type: 'store.restored', file: options.file, events, upTo, by }]);
      head = await tx.log.write(tx);
    }),
  );
  if (head !== undefined) headFile?.replace(head);
  engine.announce(project);
  return given;
}

type Fences = ReadonlyMap<string, number>;

async function fencesOf({ db, project }: ProjectPart): Promise<{ tasks: Fences; leases: Fences }> {
  const tasks = await db
    .selectFrom('tasks')
    .select(['id', 'fence'])
    .where('project_id', '=', project)
    .execute();
  const leases = await db
    .selectFrom('leases')
    .select(['name', 'fence'])
    .where('project_id', '=', project)
    .execute();
  return {
    tasks: new Map(tasks.map(({ id, fence }) => [id, fence])),
    leases: new Map(leases.map(({ name, fence }) => [name, fence])),
  };
}

/** What was true only where and when the backup was made. */
async function forgetPlaces({ db, project }: ProjectPart): Promise<void> {
  await db.deleteFrom('orchestrators').where('project_id', '=', project).execute();
  // The roadmap may have changed since: the next sync reads it whole.
  const keys = [BACKUP_KEY, 'roadmap_hash', 'roadmap_origin'];
  await db
    .deleteFrom('meta')
    .where('project_id', '=', project)
    .where((eb) => eb.or([eb('key', 'in', keys), eb('key', 'like', 'roadmap_seen %')]))
    .execute();
}

/** Nobody who held a task or a name before can write with what it holds. */
async function raiseFences(
  { db, project }: ProjectPart,
  before: { tasks: Fences; leases: Fences },
  rise: number,
): Promise<void> {
  await db
    .updateTable('tasks')
    .set((eb) => ({ fence: eb('fence', '+', rise) }))
    .where('project_id', '=', project)
    .where('fence', '>', 0)
    .execute();
  await db
    .updateTable('leases')
    .set((eb) => ({ fence: eb('fence', '+', rise), owner: null, until: 0 }))
    .where('project_id', '=', project)
    .execute();
  const newest = (fence: number) => sql<number>`case when fence > ${fence} then fence else ${fence + 1} end`;
  for (const [id, fence] of before.tasks) {
    if (fence === 0) continue;
    await db
      .updateTable('tasks')
      .set({ fence: newest(fence) })
      .where('project_id', '=', project)
      .where('id', '=', id)
      .execute();
  }
  for (const [name, fence] of before.leases) {
    await db
      .updateTable('leases')
      .set({ fence: newest(fence) })
      .where('project_id', '=', project)
      .where('name', '=', name)
      .execute();
  }
}

async function giveBackAll(tx: Write): Promise<readonly TaskId[]> {
  const rows = await tx.db
    .selectFrom('tasks')
    .select(['id', 'attempts'])
    .where('project_id', '=', tx.project)
    .where('owner', 'is not', null)
    .orderBy('position')
    .execute();
  for (const { id, attempts: attempt } of rows) {
    const change = await TaskChange.begin(tx, id as TaskId);
    if (change === undefined) continue;
    const reason = 'the state was restored from a backup';
    await endOpenTurns(change, { how: 'stopped', reason });
    await record(change, [{ type: 'task.released', task: change.id, attempt, reason }]);
  }
  return rows.map(({ id }) => id as TaskId);
}
