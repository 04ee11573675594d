import { hash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { UsageError } from '../../core/errors.ts';
import type { Store } from '../../core/tasks/ports.ts';
import type { Engine } from './engine.ts';
import { HeadFile } from './head-file.ts';
import { holdTo } from './hold-to.ts';
import { latestSchema, migrate, schemaVersion } from './migrate.ts';
import { retried } from './retried.ts';
import { type Session, sessionOn } from './session.ts';
import { openSqlite } from './sqlite-engine.ts';
import { inspectFile } from './sqlite-file.ts';
import { SqlStore } from './store.ts';
import { readHead } from './stream.ts';

const MEMORY = ':memory:';

export interface StoreOptions {
  /** `sqlite:<path>`, `sqlite::memory:` or `postgres://…`. */
  readonly url: string;
  /** Several projects may share one database; each sees its own rows only. */
  readonly project: string;
  /** Version of the program; kept with each migration, for the message to an older program. */
  readonly version?: string;
  /**
   * Where this host keeps what it has seen of the database, `.codewalk/state`: the database is held to it. Absent:
   * it is believed whatever it says.
   */
  readonly stateDirectory?: string;
  /** Believe the database once, whatever is known of it, to see or mend what is left. */
  readonly asItIs?: boolean;
  /** Something went wrong that does not stop the work. */
  readonly onNotice?: (message: string) => void;
}

/** A project's part of a database, with its schema up to date and nothing in between. */
export interface OpenDatabase {
  readonly engine: Engine;
  readonly session: Session;
  /** The caller ends both, this one first. */
  readonly headFile: HeadFile | undefined;
}

/**
 * Opens the project's store and brings its schema up to date. Throws `STORE_UNWRITABLE`, `STORE_CORRUPT`,
 * `STORE_LOST_EVENTS`, `STORE_FULL`, `STORE_NETWORK_DISK`, `STORE_UNREACHABLE`, `SCHEMA_NEWER` or, for a bad address,
 * `BAD_DATABASE`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { engine, session, headFile } = await openDatabase(options);
  return new SqlStore(engine, session, headFile);
}

/** The same for whoever needs the rows themselves. */
export async function openDatabase(options: StoreOptions): Promise<OpenDatabase> {
  const { url, project, stateDirectory, asItIs = false } = options;
  const headFile =
    stateDirectory === undefined ? undefined : new HeadFile(join(stateDirectory, headName(url, project)));
  const known = asItIs ? undefined : headFile?.read();
  const seen = known === 'damaged' ? undefined : known;
  const file = fileOf(url);
  if (file !== undefined && !asItIs) inspectFile(file, seen);
  const engine = await openEngine(url, stateDirectory);
  try {
    await keepBeforeMigration(engine, options);
    await migrate(engine, options.version ?? 'unknown');
    const session = sessionOn(engine, project);
    if (seen !== undefined && headFile !== undefined) {
      await retried(engine, () => holdTo(engine, session, { seen, headFile }));
    }
    await retried(engine, () => addProject(session));
    return { engine, session, headFile };
  } catch (error) {
    headFile?.[Symbol.dispose]();
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * The project's store on an engine that is open already.
 * @internal Exported for the simulator.
 */
export async function openStoreOn(engine: Engine, options: Omit<StoreOptions, 'url'>): Promise<Store> {
  await migrate(engine, options.version ?? 'unknown');
  const session = sessionOn(engine, options.project);
  await retried(engine, () => addProject(session));
  return new SqlStore(engine, session, undefined);
}

/** The file of a SQLite database; absent for one in memory and for PostgreSQL. */
export function fileOf(url: string): string | undefined {
  const path = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : MEMORY;
  return path === MEMORY ? undefined : path;
}

/** A database that is about to get another schema is backed up first: an older program cannot go on with it. */
async function keepBeforeMigration(engine: Engine, { stateDirectory, version }: StoreOptions): Promise<void> {
  const from = await schemaVersion(engine, version);
  if (from === 0 || from === latestSchema() || stateDirectory === undefined) return;
  const { backUp } = await import('./backup.ts');
  const now = Date.now();
  const time = new Date(now).toISOString().replaceAll(':', '-');
  const projects = await engine.db.selectFrom('stream').select('project_id').orderBy('project_id').execute();
  for (const [index, { project_id: project }] of projects.entries()) {
    const name = `schema-${from}-${time}-${process.pid}.${index + 1}.db`;
    const file = join(dirname(stateDirectory), 'backups', name);
    await backUp({ engine, project }, { file, now, version: version ?? 'unknown' });
  }
}

async function openEngine(url: string, stateDirectory: string | undefined): Promise<Engine> {
  if (url.startsWith('sqlite:')) {
    const ballast = stateDirectory === undefined ? {} : { ballast: join(stateDirectory, 'ballast') };
    return await openSqlite(url.slice('sqlite:'.length), ballast);
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    // Late, so that who uses SQLite never loads the driver.
    const { openPostgres } = await import('./postgres-engine.ts');
    return await openPostgres(url);
  }
  throw new UsageError('BAD_DATABASE', 'The database is neither sqlite:<path> nor postgres://…', {
    advice: 'Correct "database" in the config, or leave it out to use SQLite in .codewalk/state.',
  });
}

/** The row whose lock makes a writer the only one, and whose number the next event takes. */
async function addProject(session: Session): Promise<void> {
  const known = await readHead.first(session, {});
  if (known !== undefined) return;
  await session.db
    .insertInto('stream')
    .values({ project_id: session.project, head: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** One for each place that the state may lie in: a project that moved has left its old one behind. */
function headName(url: string, project: string): string {
  if (url.startsWith('sqlite:')) return 'head';
  const { host, pathname } = URL.parse(url) ?? { host: url, pathname: '' };
  return `head-${hash('sha256', JSON.stringify([host, pathname, project]), 'hex').slice(0, 12)}`;
}
