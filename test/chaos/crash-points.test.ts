import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { crashAt } from '../../chaos/crash-points.ts';
import { shared } from '../../chaos/crash-scenes.ts';
import { violations } from '../../chaos/invariants.ts';
import { makeKillProject } from '../../chaos/kill-project.ts';
import type { CrashPoint } from '../../src/core/crash-points.ts';

/** One of each part; the experiment tries all of them, twice, on both databases. */
const SOME: readonly CrashPoint[] = ['claim.logged', 'snapshot.named', 'merge.moved', 'release.unbranched'];

const sqlite = async () => undefined;

for (const point of SOME) {
  test(`S2-57 S3-50 S3-52 S3-68 after a crash at ${point} the plan goes on to its end, and nothing is lost, doubled or left`, async () => {
    const { deaths, wrong } = await crashAt({ point, hit: 'first' }, sqlite);
    assert.deepEqual([deaths, wrong], [1, []]);
  });
}

for (const point of ['merge.intended', 'push.acked'] as const) {
  test(`S3-50 S3-52 a crash at ${point} leaves one merge at the remote that hosts share`, async () => {
    const { deaths, wrong } = await crashAt({ point, hit: 'first' }, sqlite, shared);
    assert.deepEqual([deaths, wrong], [1, []]);
  });
}

for (const point of ['question.asked', 'question.advised'] as const) {
  test(`S2-40 S3-52 a crash at ${point} strands nobody, and nothing is asked twice`, async () => {
    const { deaths, wrong } = await crashAt({ point, hit: 'first' }, sqlite);
    assert.deepEqual([deaths, wrong], [1, []]);
  });
}

test('S0-16 a crash in the middle of a sync leaves nothing of it, and the next start makes it', async () => {
  const { deaths, wrong } = await crashAt({ point: 'roadmap.applied', hit: 'second' }, sqlite);
  assert.deepEqual([deaths, wrong], [2, []]);
});

test('each invariant is seen to be broken when it is', async () => {
  await using plan = await makeKillProject(3, undefined);
  const { project } = plan;
  const { repo } = project;
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stderr);
  const survivor = plan.survivor();
  assert.deepEqual(await violations(survivor), []);

  const database = new DatabaseSync(survivor.store.url.slice('sqlite:'.length));
  database.exec(`
    update tasks set attempts = 9 where id = 't0';
    update events set body = replace(body, '"task.snapshotted"', '"task.failed"') where task = 't1' and type = 'task.snapshotted';
    update events set body = replace(body, '"fence":1', '"fence":0') where task = 't2';
    delete from events where type = 'agent.session' and task = 't1';
  `);
  database.close();
  const trailer = 'x\n\nCodewalk-Task: t1\n';
  const merged = repo.git('commit-tree', 'cw/integration^{tree}', '-p', 'cw/integration', '-m', trailer);
  repo.git('update-ref', 'refs/heads/cw/integration', merged);
  writeFileSync(join(repo.root, '.git', 'packed-refs.lock'), '');
  appendFileSync(join(repo.root, '.codewalk', 'state', 'x.log'), 'the password is hunter2');
  const [first] = survivor.marks;
  assert.ok(first?.end);
  const late = { ...first, end: first.end + 1 };
  const beside = { ...first, process: '1-1', begin: first.end + 0.5, end: undefined };
  const alive = spawn('sleep', ['60'], { env: { PATH: process.env['PATH'], HOME: project.home } });
  await once(alive, 'spawn');
  try {
    const found = await violations({
      ...survivor,
      accepted: { ...survivor.accepted, t4: 'done' },
      marks: [late, beside],
      secrets: ['hunter2'],
    });
    const seen = new Set(found.map(({ invariant }) => invariant));
    const all = Array.from({ length: 11 }, (_, index) => `I${index + 1}`);
    assert.deepEqual(
      all.filter((each) => !seen.has(each)),
      [],
    );
  } finally {
    alive.kill('SIGKILL');
  }
});
