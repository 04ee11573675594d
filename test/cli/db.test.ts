import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeProject, SCRIPTED_AGENT } from './rig.ts';

const roadmap = (...ids: string[]) =>
  `version: 1\ntasks:\n${ids.map((id) => `  - { id: ${id}, prompt: Write it, agent: coder }\n`).join('')}`;

async function ran(t: TestContext, ...ids: string[]) {
  const project = await makeProject(t, { roadmap: roadmap(...ids), agent: SCRIPTED_AGENT });
  const state = join(project.repo.root, '.codewalk', 'state');
  const run = await project.cw(['run', '--plain']);
  assert.equal(run.code, 0, run.stderr + run.stdout);
  const json = async (...args: string[]) => {
    const { stdout, stderr } = await project.cw([...args, '--json']);
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout) as Record<string, never>;
  };
  const states = async () => {
    const { tasks } = (await json('status')) as unknown as { tasks: { id: string; state: string }[] };
    return Object.fromEntries(tasks.map(({ id, state: each }) => [id, each]));
  };
  return { ...project, state, json, states };
}

test('S3-50 the state is checked, copied away, lost, and brought back by commands', async (t) => {
  const { cw, repo, state, states, json } = await ran(t, 'one', 'two');
  const verified = await cw(['db', 'verify']);
  assert.equal(verified.code, 0, verified.stdout);
  assert.match(verified.stdout, /ok {4}log .*each chained to the one before/);
  assert.match(verified.stdout, /All of it is whole/);
  const backup = await cw(['db', 'backup', 'safe.db']);
  assert.equal(backup.code, 0, backup.stderr);
  assert.match(backup.stdout, /safe\.db: 2 tasks, \d+ events, .*checked/);
  assert.equal((await cw(['db', 'verify', 'safe.db'])).code, 0);
  assert.match((await cw(['db', 'backup', 'safe.db'])).stderr, /is there already/);

  for (const suffix of ['', '-wal', '-shm']) rmSync(join(state, `codewalk.db${suffix}`), { force: true });
  const missed = await cw(['status']);
  assert.equal(missed.code, 1);
  assert.match(missed.stderr, /\d+ events are missing from .*codewalk\.db: it ends at 0/);
  assert.match(missed.stderr, /cw db restore <file>/);
  assert.equal((await cw(['db', 'verify'])).code, 1);

  const restored = await cw(['db', 'restore', 'safe.db']);
  assert.equal(restored.code, 0, restored.stderr);
  assert.match(restored.stdout, /2 tasks/);
  assert.deepEqual(await states(), { one: 'done', two: 'done' });
  assert.equal((await cw(['db', 'verify'])).code, 0);
  const again = await cw(['run', '--plain']);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(
    repo.git('log', '--oneline', '--merges', 'cw/integration').split('\n').filter(Boolean).length,
    2,
  );
  const info = (await json('db', 'info')) as unknown as { state: { tasks: number }; backups: unknown[] };
  assert.equal(info.state.tasks, 2);
});

test('S3-52 what was merged after the backup is not done a second time', async (t) => {
  const { cw, repo, state, states, json } = await ran(t, 'one');
  assert.equal((await cw(['db', 'backup', 'early.db'])).code, 0);
  repo.write('roadmap.yaml', roadmap('one', 'two', 'three'));
  assert.equal((await cw(['run', '--plain'])).code, 0);
  const head = repo.git('rev-parse', 'cw/integration');
  const refused = await cw(['db', 'restore', 'early.db']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /The state has \d+ events, and the backup of .* has \d+/);
  const restored = (await json('db', 'restore', 'early.db', '--force')) as unknown as {
    merged: string[];
    kept: string;
  };
  assert.deepEqual(restored.merged.toSorted(), ['three', 'two']);
  assert.match(restored.kept, /before-restore/);
  assert.deepEqual(await states(), { one: 'done', two: 'done', three: 'done' });
  assert.equal((await cw(['run', '--plain'])).code, 0);
  assert.equal(repo.git('rev-parse', 'cw/integration'), head);
  assert.equal((await cw(['db', 'verify'])).code, 0);
  assert.equal((await cw(['db', 'verify', restored.kept])).code, 0);
  assert.ok(readdirSync(state).includes('head'));
});

test('a person can decide to go on without what was lost, and the log says so', async (t) => {
  const { cw, state, states, json } = await ran(t, 'one', 'two');
  assert.match((await cw(['db', 'accept'])).stderr, /Nothing is missing/);
  const file = join(state, 'codewalk.db');
  const bytes = readFileSync(file);
  assert.equal((await cw(['task', 'add', 'Three', '--id', 'three', '-a', 'coder', '-p', 'x'])).code, 0);
  assert.equal((await cw(['run', '--plain'])).code, 0);
  // An older copy of the file, as a careless restore would put it back.
  for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  writeFileSync(file, bytes);
  assert.match((await cw(['status'])).stderr, /events are missing/);
  const accepted = await cw(['db', 'accept']);
  assert.equal(accepted.code, 0, accepted.stderr);
  assert.match(accepted.stdout, /Going on without \d+ events/);
  assert.match(accepted.stdout, /Done, because git has the merge: three/);
  assert.deepEqual(await states(), { one: 'done', two: 'done', three: 'done' });
  assert.equal((await cw(['db', 'verify'])).code, 0);
  assert.match((await cw(['events', '--type', 'log.accepted'])).stdout, /goes on without \d+ events/);
  assert.ok(await json('db', 'info'));
});

test('a damaged database is kept aside when a backup takes its place', async (t) => {
  const { cw, state, states } = await ran(t, 'one');
  assert.equal((await cw(['db', 'backup'])).code, 0);
  const backups = join(state, '..', 'backups');
  const [name] = readdirSync(backups);
  writeFileSync(join(state, 'codewalk.db'), 'garbage '.repeat(600));
  for (const suffix of ['-wal', '-shm']) rmSync(join(state, `codewalk.db${suffix}`), { force: true });
  assert.match((await cw(['status'])).stderr, /codewalk\.db is damaged: its first page is overwritten/);
  assert.equal((await cw(['db', 'restore', join(backups, name ?? '')])).code, 0);
  assert.deepEqual(await states(), { one: 'done' });
  assert.ok(readdirSync(state).some((each) => each.startsWith('codewalk.db.damaged-')));
});
