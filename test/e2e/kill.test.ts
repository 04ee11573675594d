import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RunningCw } from '../support/installed-cw.ts';
import { fingerprint } from './fingerprint.ts';
import { type E2eProject, makeProject, type PrintedEvent } from './project.ts';
import { seeded } from './seeded.ts';
import {
  assertGapless,
  assertMergedOnceInOrder,
  assertNoOverlap,
  assertNothingLeft,
  assertVerified,
  TASKS,
  TWENTY_TASKS,
} from './twenty-tasks.ts';

const KILLS = 20;
/** A run is killed after one of so many lines, from its first word to some merges later, … */
const LINES = 40;
/** … and then at the next line of this type, because the moments around a merge are short. */
const MOMENTS = [
  '',
  '',
  'task.claimed',
  'agent.started',
  'agent.session',
  'task.snapshotted',
  'merge.intended',
  'merge.done',
  'task.done',
] as const;
const SEED = Number(process.env['CW_SEED'] ?? 20_260_101);

/** Whom the kill hits: a person finds either process, the kernel's memory killer too. */
const VICTIMS = ['orchestrator', 'launcher', 'both'] as const;

function kill(running: RunningCw, victim: (typeof VICTIMS)[number]): void {
  const started = JSON.parse(running.lines[0] ?? '{}') as PrintedEvent;
  assert.equal(started.type, 'orchestrator.started');
  const pid = { orchestrator: Number(started['pid']), launcher: running.pid, both: -running.pid }[victim];
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was over before; that is no kill.
  }
}

/** Starts `cw run` again and again, each killed after some lines, until `wanted` were hit or the plan is done. */
async function runUnderFire(
  t: TestContext,
  project: E2eProject,
  random: (limit: number) => number,
  wanted: number,
): Promise<number> {
  for (let kills = 0; ; ) {
    await using running = await project.start(['run', '--json']);
    const after = 1 + random(LINES);
    const victim = VICTIMS[random(VICTIMS.length)] ?? 'both';
    const moment = MOMENTS[random(MOMENTS.length)] ?? '';
    if (kills < wanted) {
      const wantedLine = (line: string, index: number) =>
        index + 1 >= after && line.includes(`"type":"${moment}`);
      const isDue = running.line(wantedLine).then(() => true);
      if (await Promise.race([isDue, running.end.then(() => false)])) kill(running, victim);
    }
    const { code, stderr } = await running.end;
    if (code === null) {
      kills += 1;
      t.diagnostic(`kill of the ${victim} after line ${after}, ${moment === '' ? 'at once' : moment}`);
    } else {
      assert.equal(code, 0, stderr);
      return kills;
    }
  }
}

test('S3-52 S3-68 S2-57 S3-50 a plan survives kill -9 at twenty random moments: same result, each task merged once, nothing left running', async (t) => {
  t.diagnostic(`CW_SEED=${SEED}`);
  const random = seeded(SEED);
  await using undisturbed = await makeProject(TWENTY_TASKS);
  assert.equal((await undisturbed.cw(['run', '--json'])).code, 0);
  const wanted = undisturbed.repo.git('rev-parse', 'cw/integration^{tree}');

  for (let kills = 0; kills < KILLS; ) {
    await using project = await makeProject(TWENTY_TASKS);
    project.repo.write('README.md', 'Hello, and more\n');
    const before = fingerprint(project);
    kills += await runUnderFire(t, project, random, KILLS - kills);

    assert.equal(project.repo.git('rev-parse', 'cw/integration^{tree}'), wanted);
    assertMergedOnceInOrder(project);
    assertVerified(project);
    assertNoOverlap(project);
    assertNothingLeft(project);
    assert.deepEqual(fingerprint(project), before);
    assert.equal(project.repo.git('fsck', '--no-dangling', '--no-progress'), '');
    const events = await project.events();
    assertGapless(events);
    const merged = events.flatMap(({ type, task }) => (type === 'merge.done' ? [task] : []));
    assert.deepEqual(merged.sort(), [...TASKS].sort());
    const tasks = await project.tasks();
    assert.deepEqual(
      TASKS.map((id) => tasks[id]?.state),
      TASKS.map(() => 'done'),
    );
  }
});
