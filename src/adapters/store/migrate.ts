import { type Kysely, sql } from 'kysely';
import { crashPoint } from '../../core/crash-points.ts';
import { CodewalkError } from '../../core/errors.ts';
import type { Engine, EngineKind } from './engine.ts';
import { up as tables } from './migrations/0001-tables.ts';
import { up as providers } from './migrations/0002-providers.ts';
import { up as agentHistory } from './migrations/0003-agent-history.ts';
import { up as liveRoadmap } from './migrations/0004-live-roadmap.ts';
import { up as doors } from './migrations/0005-doors.ts';
import { up as pauses } from './migrations/0006-pauses.ts';
import { nowOf, prepared } from './prepared.ts';
import { retried } from './retried.ts';
import type { Tables } from './tables.ts';

type Migration = (db: Kysely<unknown>, kind: EngineKind) => Promise<void>;

/** Forward only, in order; a released one never changes. Its place, from 1, is the schema's version. */
const MIGRATIONS: readonly Migration[] = [tables, providers, agentHistory, liveRoadmap, doors, pauses];

/**
 * Brings the schema to this program's version. Any number of processes may do so at once: the first one migrates,
 * the others find it done. All missing steps are one transaction. `to`: an older version, for a file that is to be
 * like one.
 */
export async function migrate(
  engine: Engine,
  programVersion: string,
  to: number = MIGRATIONS.length,
): Promise<void> {
  if ((await retried(engine, () => currentVersion(engine, engine.db, programVersion))) >= to) return;
  await retried(engine, () =>
    engine.db.transaction().execute(async (tx) => {
      await engine.lockSchema(tx);
      await tx.schema
        .createTable('schema_version')
        .ifNotExists()
        .addColumn('version', 'bigint', (column) => column.primaryKey())
        .addColumn('made_by', 'text', (column) => column.notNull())
        .addColumn('made_at', 'bigint', (column) => column.notNull())
        .execute();
      const from = await readVersion(engine, tx, programVersion);
      for (const [index, up] of MIGRATIONS.entries()) {
        if (index < from || index >= to) continue;
        await up(tx as unknown as Kysely<unknown>, engine.kind);
        crashPoint('migration.step');
        await tx
          .insertInto('schema_version')
          .values({ version: index + 1, made_by: programVersion, made_at: nowOf(engine.kind) })
          .execute();
        crashPoint('migration.numbered');
      }
    }),
  );
  crashPoint('migration.committed');
}

/** The newest schema that this program knows. */
export function latestSchema(): number {
  return MIGRATIONS.length;
}

/** The schema that the database has now; 0 for an empty one. */
export async function schemaVersion(engine: Engine, programVersion = 'unknown'): Promise<number> {
  return await retried(engine, () => currentVersion(engine, engine.db, programVersion));
}

const readNewest = prepared((db, _values: object) =>
  db.selectFrom('schema_version').select(['version', 'made_by']).orderBy('version', 'desc').limit(sql.lit(1)),
);

async function currentVersion(engine: Engine, db: Kysely<Tables>, programVersion: string): Promise<number> {
  return (await engine.hasTable('schema_version')) ? await readVersion(engine, db, programVersion) : 0;
}

async function readVersion(engine: Engine, db: Kysely<Tables>, programVersion: string): Promise<number> {
  const session = {
    db,
    direct: engine.direct,
    // The schema is read inside of its transaction too, which has a connection of its own.
    wire: undefined,
    isTransaction: db.isTransaction,
    kind: engine.kind,
    project: '',
  };
  const newest = await readNewest.first(session, {});
  if (newest !== undefined && newest.version > MIGRATIONS.length) {
    throw new CodewalkError(
      'SCHEMA_NEWER',
      `The database has schema ${newest.version}, made by Codewalk ${newest.made_by}; this is Codewalk ${programVersion}, which knows schema ${MIGRATIONS.length}`,
      { advice: `Use Codewalk ${newest.made_by} or newer with this database.` },
    );
  }
  return newest?.version ?? 0;
}
