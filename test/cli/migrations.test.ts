import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { latestSchema, migrate } from '../../src/adapters/store/migrate.ts';
import { SqliteEngine } from '../../src/adapters/store/sqlite-engine.ts';
import { startPostgres } from '../support/postgres.ts';
import { makeProject } from './rig.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'schemas');
const ROADMAP = 'version: 1\ntasks:\n  - { id: a, prompt: x }\n';

/** A project whose state an older program left: `a` done, `b` at work, `c` behind both, `d` failed. */
async function olderProject(t: TestContext, schema: number, config: Readonly<Record<string, unknown>> = {}) {
  const project = await makeProject(t, { roadmap: ROADMAP, agent: 'exit 1', config });
  const state = join(project.repo.root, '.codewalk', 'state');
  mkdirSync(state, { recursive: true });
  const file = join(state, 'codewalk.db');
  const db = new DatabaseSync(file);
  // Nothing was ever released with schema 2 only: it is what its migration makes of schema 1.
  db.exec(readFileSync(join(FIXTURES, `schema-${schema === 3 ? 3 : 1}.sql`), 'utf8'));
  db.close();
  if (schema === 2) {
    await using engine = new SqliteEngine(file);
    await migrate(engine, '0.1.0', 2);
  }
  return { ...project, state, file };
}

type Older = Awaited<ReturnType<typeof olderProject>>;

function schemaOf({ file }: Older): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(db.prepare('select max(version) as version from schema_version').get()?.['version']);
  } finally {
    db.close();
  }
}

async function isWhole(project: Older): Promise<void> {
  const verified = await project.cw(['db', 'verify', '--json']);
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  const { events } = JSON.parse(verified.stdout) as { events: number };
  assert.equal(events, 11);
  const shown = await project.cw([
    'task',
    'list',
    '--json',
    '--state',
    'done',
    'running',
    'pending',
    'failed',
  ]);
  const { tasks } = { tasks: JSON.parse(shown.stdout) as { id: string; state: string }[] };
  assert.deepEqual(Object.fromEntries(tasks.map(({ id, state }) => [id, state])), {
    a: 'done',
    b: 'running',
    c: 'pending',
    d: 'failed',
  });
}

for (const schema of [1, 2, 3]) {
  test(`S3-50 a state of schema ${schema} goes on in this version, with a backup of what it was`, async (t) => {
    const project = await olderProject(t, schema, { roadmap: { path: 'missing.yaml' } });
    await isWhole(project);
    assert.equal(schemaOf(project), latestSchema());
    const [kept = ''] = readdirSync(join(project.state, '..', 'backups'));
    assert.match(kept, new RegExp(`^schema-${schema}-.*\\.db$`));
    assert.equal((await project.cw(['db', 'verify', join('.codewalk', 'backups', kept)])).code, 0);
  });
}

test('S3-50 a migration that is killed at any of its steps is whole or not there, and the next start ends it', async (t) => {
  for (const point of ['migration.step', 'migration.numbered', 'migration.committed']) {
    const project = await olderProject(t, 1, { roadmap: { path: 'missing.yaml' } });
    for (let hit = 1; hit < 20; hit += 1) {
      const { code } = await project.cw(['db', 'info'], { env: { CW_CRASH_AT: `${point}#${hit}` } });
      const schema = schemaOf(project);
      assert.ok(schema === 1 || schema === latestSchema(), `${point}#${hit} left schema ${schema}`);
      if (code === 0) break;
    }
    await isWhole(project);
    assert.equal(schemaOf(project), latestSchema());
  }
});

test('S3-50 programs that start at once migrate once', async (t) => {
  const project = await olderProject(t, 3, { roadmap: { path: 'missing.yaml' } });
  const starts = await Promise.all(Array.from({ length: 4 }, () => project.cw(['db', 'info'])));
  for (const { code, stderr } of starts) assert.equal(code, 0, stderr);
  await isWhole(project);
});

test('an older program refuses a newer state and changes nothing of it, on both engines', async (t) => {
  await using server = await startPostgres();
  const newer = `insert into schema_version values (${latestSchema() + 1}, '9.8.7', 0)`;
  const refused = async ({ cw }: Pick<Older, 'cw'>) => {
    for (const command of [['status'], ['run'], ['db', 'info']]) {
      const { code, stderr } = await cw(command);
      assert.equal(code, 1, stderr);
      assert.match(
        stderr,
        new RegExp(`schema ${latestSchema() + 1}, made by Codewalk 9\\.8\\.7; this is Codewalk`),
      );
      assert.match(stderr, /Use Codewalk 9\.8\.7 or newer/);
    }
  };
  const local = await olderProject(t, 3, { roadmap: { path: 'missing.yaml' } });
  assert.equal((await local.cw(['db', 'info'])).code, 0);
  const db = new DatabaseSync(local.file);
  db.exec(newer);
  db.close();
  await refused(local);
  assert.equal(schemaOf(local), latestSchema() + 1);

  const database = await server.freshDatabase();
  const shared = await makeProject(t, { roadmap: ROADMAP, agent: 'exit 1', config: { database } });
  assert.equal((await shared.cw(['status'])).code, 0);
  const client = new pg.Client(database);
  await client.connect();
  await client.query(newer);
  await client.end();
  await refused(shared);
});
