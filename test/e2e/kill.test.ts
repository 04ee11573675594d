import assert from 'node:assert/strict';
import { mkdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { processTable } from '../../src/adapters/process/process-table.ts';
import type { RunningCw } from '../support/installed-cw.ts';
import { fingerprint } from './fingerprint.ts';
import { isRunning } from './processes.ts';
import { type E2eProject, makeProject, type PrintedEvent, UNCONFINED } from './project.ts';
import type { Action } from './scripted-agent.ts';
import { seeded } from './seeded.ts';
import {
  assertGapless,
  assertMergedOnceInOrder,
  assertNoOverlap,
  assertNothingLeft,
  assertVerified,
  mergedTasks,
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

function isStart(line: string): boolean {
  return line.includes('"type":"orchestrator.started"');
}

/** Whom the kill hits: a person finds each of these processes, the kernel's memory killer too. */
const VICTIMS = ['orchestrator', 'guardian', 'launcher', 'all'] as const;
type Victim = (typeof VICTIMS)[number];
const NAMES: Readonly<Record<Victim, string>> = {
  orchestrator: 'the orchestrator',
  guardian: 'its guardian',
  launcher: 'its launcher',
  all: 'all three processes',
};
/** One more crash within a minute, and the guardian gives up. */
const CRASHES = 5;

/** The newest orchestrator of a run: a crashed one has a successor. */
function orchestratorOf(running: RunningCw): number {
  const started = running.lines.findLast((line) => line.includes('"type":"orchestrator.started"'));
  return Number((JSON.parse(started ?? '{}') as PrintedEvent)['pid']);
}

/** False when it was over before; that is no kill. */
function kill(running: RunningCw, victim: Victim): boolean {
  const orchestrator = orchestratorOf(running);
  const guardian = () => processTable().row(orchestrator)?.ppid ?? 0;
  const pid = {
    orchestrator: () => orchestrator,
    guardian,
    launcher: () => running.pid,
    all: () => -running.pid,
  };
  try {
    const chosen = pid[victim]();
    // 0 and 1 are no process of ours.
    return (chosen > 1 || chosen < -1) && process.kill(chosen, 'SIGKILL');
  } catch {
    return false;
  }
}

/**
 * Starts `cw run` again and again, each hit after some lines, until `wanted` were hit or the plan is done. A run whose
 * orchestrator is hit goes on by itself and may be hit again.
 */
async function runUnderFire(
  t: TestContext,
  project: E2eProject,
  random: (limit: number) => number,
  wanted: number,
): Promise<number> {
  for (let kills = 0; ; ) {
    await using running = await project.start(['run', '--json']);
    let isFatal = false;
    for (let crashes = 0; !isFatal && kills < wanted; ) {
      const from = running.lines.length;
      const after = from + 1 + random(LINES);
      const chosen = VICTIMS[random(VICTIMS.length)] ?? 'all';
      const victim = chosen === 'orchestrator' && crashes === CRASHES ? 'launcher' : chosen;
      const moment = MOMENTS[random(MOMENTS.length)] ?? '';
      const wantedLine = (line: string, index: number) =>
        index + 1 >= after && line.includes(`"type":"${moment}`);
      const isDue = running.line(wantedLine).then(
        () => true,
        () => false,
      );
      if (!(await isDue) || !kill(running, victim)) break;
      isFatal = victim !== 'orchestrator';
      crashes += 1;
      kills += 1;
      t.diagnostic(`kill of ${NAMES[victim]} after line ${after}, ${moment === '' ? 'at once' : moment}`);
      // Not before its successor has spoken there is somebody to hit again.
      if (!isFatal) await running.line((line, index) => index > from && isStart(line)).catch(() => {});
    }
    const { code, stderr } = await running.end;
    if (code === null) continue;
    assert.equal(code, 0, stderr);
    return kills;
  }
}

for (const victim of VICTIMS) {
  test(`S3-68 S2-57 after kill -9 of ${NAMES[victim]} the agents that are left end, with all they started, before the plan goes on`, async () => {
    const ids = ['one', 'two', 'three'];
    const first = (id: string): readonly Action[] => [
      { stubborn: true },
      { child: true },
      { write: `${id}-half.txt`, text: id },
      { print: 'ready' },
      { hang: true },
    ];
    const second = (id: string): readonly Action[] => [
      { expect: [`${id}-half.txt`] },
      { write: `${id}.txt`, text: id },
      { result: { status: 'done', summary: 'done' } },
    ];
    await using project = await makeProject({
      roadmap: { version: 1, tasks: ids.map((id) => ({ id, prompt: 'x' })) },
      script: Object.fromEntries(ids.map((id) => [id, [first(id), second(id)]])),
      config: UNCONFINED,
    });
    await using running = await project.start(['run', '--json']);
    for (const id of ids) {
      await running.line((line) => line.includes('"type":"agent.output"') && line.includes(`"task":"${id}"`));
    }
    const before = project.record().map(({ pid }) => pid);
    assert.equal(before.length, 2 * ids.length);
    assert.ok(kill(running, victim));
    const hit = await running.end;
    if (victim === 'orchestrator') {
      assert.equal(hit.code, 0, 'the run goes on by itself');
      assert.match(hit.stderr, /^note: the orchestrator crashed \(SIGKILL\); .* it is started again$/m);
    } else {
      assert.equal(hit.code, null);
      if (victim !== 'all') assert.deepEqual(before.filter(isRunning), [], 'nobody outlives the guardian');
      const run = await project.cw(['run']);
      assert.equal(run.code, 0, run.stdout + run.stderr);
    }
    assert.deepEqual(before.filter(isRunning), []);
    assertNoOverlap(project);
    for (const id of ids) {
      const starts = project.starts(id);
      assert.equal(starts.length, 2);
      assert.equal(starts[0]?.session, starts[1]?.session, `${id} goes on in its session`);
      assert.equal(project.repo.git('show', `cw/integration:${id}-half.txt`), id, 'unsaved work is kept');
    }
    assert.deepEqual([...mergedTasks(project)].sort(), [...ids].sort(), 'each task is merged once');
    assert.deepEqual(project.processes(), []);
  });
}

test('a run that crashes again and again ends and says so, and without restarts at the first crash', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'x' }] },
    script: { one: [[{ hang: true }]] },
  });
  await using running = await project.start(['run', '--json']);
  for (let crash = 0; crash <= CRASHES; crash++) {
    let starts = 0;
    await running.line((line) => isStart(line) && ++starts > crash);
    assert.ok(kill(running, 'orchestrator'));
  }
  const { code, stderr } = await running.end;
  assert.equal(code, 1);
  assert.match(stderr, /\nerror: The orchestrator crashed 6 times, last with SIGKILL\nhelp: .*cw run/);
  assert.deepEqual(project.processes(), []);

  await using once = await project.start(['run', '--json', '--no-restart']);
  await once.line(isStart);
  assert.ok(kill(once, 'orchestrator'));
  assert.equal((await once.end).code, null);
  assert.deepEqual(project.processes(), []);
});

/** Kills the orchestrator as soon as git shows that the integration branch moved. */
async function killAtMove(project: E2eProject): Promise<void> {
  const heads = join(project.repo.root, '.git', 'refs', 'heads', 'cw');
  mkdirSync(heads, { recursive: true });
  await using running = await project.start(['run', '--json', '--no-restart']);
  await running.line(() => true);
  // Seen before the program itself hears of it from git.
  const watcher = watch(heads, (_, name) => {
    if (name === 'integration') kill(running, 'orchestrator');
  });
  try {
    await running.end;
  } finally {
    watcher.close();
  }
}

test('S3-50 a crash between the moved branch and its record leads to no second merge', async (t) => {
  const ids = Array.from({ length: 12 }, (_, index) => `t${index}`);
  await using project = await makeProject({
    roadmap: { version: 1, tasks: ids.map((id) => ({ id, prompt: 'x' })) },
    config: { maxAgents: 1 },
  });
  for (const _ of ids) await killAtMove(project);
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.deepEqual([...mergedTasks(project)].sort(), [...ids].sort());
  const merged = await project.events('--type', 'merge.done');
  assert.deepEqual(merged.map(({ task }) => task).sort(), [...ids].sort());
  const recovered = merged.filter((event) => event['recovered'] === true).length;
  t.diagnostic(`${recovered} of ${ids.length} merges were found in the branch and only written down`);
  assert.ok(recovered > 0, 'a kill came between the two');
});

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
