import { UsageError } from '../../core/errors.ts';
import type { Store } from '../../core/tasks/ports.ts';
import type { Engine } from './engine.ts';
import { migrate } from './migrate.ts';
import { retried } from './retried.ts';
import { openSqlite } from './sqlite-engine.ts';
import { SqlStore } from './store.ts';
import { readHead } from './stream.ts';

export interface StoreOptions {
  /** `sqlite:<path>`, `sqlite::memory:` or `postgres://…`. */
  readonly url: string;
  /** Several projects may share one database; each sees its own rows only. */
  readonly project: string;
  /** Version of the program; kept with each migration, for the message to an older program. */
  readonly version?: string;
}

/**
 * Opens the project's store and brings its schema up to date. Throws `STORE_UNWRITABLE`, `STORE_CORRUPT`,
 * `STORE_FULL`, `STORE_NETWORK_DISK`, `STORE_UNREACHABLE`, `SCHEMA_NEWER` or, for a bad address, `BAD_DATABASE`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const engine = await openEngine(options.url);
  try {
    return await openStoreOn(engine, options);
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** The project's store on an engine that is open already. */
export async function openStoreOn(engine: Engine, options: Omit<StoreOptions, 'url'>): Promise<Store> {
  await migrate(engine, options.version ?? 'unknown');
  await retried(engine, () => addProject(engine, options.project));
  return new SqlStore(engine, options.project);
}

async function openEngine(url: string): Promise<Engine> {
  if (url.startsWith('sqlite:')) return await openSqlite(url.slice('sqlite:'.length));
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
async function addProject(engine: Engine, project: string): Promise<void> {
  const { db, direct, kind } = engine;
  const known = await readHead.first({ db, direct, isTransaction: false, kind, project }, {});
  if (known !== undefined) return;
  await engine.db
    .insertInto('stream')
    .values({ project_id: project, head: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
