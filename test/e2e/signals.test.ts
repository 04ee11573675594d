import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunningCw } from '../support/installed-cw.ts';
import { isRunning } from './processes.ts';
import { type E2eProject, makeProject, type PrintedEvent, UNCONFINED } from './project.ts';
import type { Action } from './scripted-agent.ts';

const TASKS = ['one', 'two', 'three'];
const ROADMAP = { version: 1, tasks: TASKS.map((id) => ({ id, prompt: `Do ${id}.` })) };

/** Half of the work, and a child that does not end; the rest when the test lets it. */
const turn = (id: string): readonly Action[] => [
  { write: `${id}.txt`, text: 'half\n' },
  { child: true },
  { print: `ready ${id}` },
  { waitFor: 'go' },
  { write: `${id}.txt`, text: 'whole\n' },
  { result: { status: 'done', summary: id } },
];

async function atWork(project: E2eProject): Promise<RunningCw> {
  const running = await project.start(['run', '--json']);
  for (const id of TASKS) {
    await running.line((line) => line.includes('"type":"agent.output"') && line.includes(`ready ${id}`));
  }
  return running;
}

/** Everybody that the agents of this project wrote down. */
const pids = (project: E2eProject): readonly number[] => project.record().map(({ pid }) => pid);

const SIGNALS = {
  'Ctrl+C': (running) => process.kill(-running.pid, 'SIGINT'),
  SIGTERM: (running) => running.kill('SIGTERM'),
} satisfies Record<string, (running: RunningCw) => void>;

for (const [name, send] of Object.entries(SIGNALS)) {
  test(`S3-62 S3-63 S2-04 S2-28 ${name} ends a run with 130, its agents gone and their work saved, and the next run goes on in the same sessions`, async () => {
    await using project = await makeProject({
      roadmap: ROADMAP,
      script: Object.fromEntries(TASKS.map((id) => [id, [turn(id)]])),
      config: UNCONFINED,
    });
    const { repo } = project;
    await using running = await atWork(project);
    assert.equal(pids(project).filter(isRunning).length, 2 * TASKS.length, 'agents and their children run');
    send(running);
    const stopped = await running.end;

    assert.equal(stopped.stderr, '');
    assert.equal(stopped.code, 130);
    assert.deepEqual(pids(project).filter(isRunning), []);
    assert.deepEqual(project.processes(), []);
    for (const id of TASKS) assert.equal(repo.git('show', `cw/${id}:${id}.txt`), 'half');
    const last = JSON.parse(stopped.stdout.trim().split('\n').at(-1) ?? '') as PrintedEvent;
    assert.deepEqual([last.type, last['reason']], ['orchestrator.stopped', 'stopped']);
    const tasks = await project.tasks();
    assert.deepEqual(
      TASKS.map((id) => [tasks[id]?.state, tasks[id]?.['failures']]),
      TASKS.map(() => ['pending', 0]),
    );

    project.allow('go');
    const again = await project.cw(['run']);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    for (const id of TASKS) {
      assert.equal(repo.git('show', `cw/integration:${id}.txt`), 'whole');
      const starts = project.starts(id);
      assert.deepEqual(
        starts.map(({ attempt }) => attempt),
        [1, 2],
      );
      assert.equal(starts[0]?.session, starts[1]?.session, `${id} goes on in its session`);
      assert.match(starts[1]?.prompt ?? '', /You were interrupted/);
    }
    assert.deepEqual(project.processes(), []);
  });
}

test('S3-63 a second Ctrl+C ends the program at once, and the next run stops what was left and goes on', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'Do one.' }] },
    script: {
      one: [
        [{ stubborn: true }, { write: 'one.txt', text: 'half\n' }, { print: 'ready one' }, { hang: true }],
        [{ write: 'one.txt', text: 'whole\n' }, { result: { status: 'done', summary: 'one' } }],
      ],
    },
    // So long that only force ends the run in the time of this test.
    config: { limits: { graceMs: 600_000 } },
  });
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('ready one'));
  process.kill(-running.pid, 'SIGINT');
  await project.untilRecord((record) => record.some(({ kind }) => kind === 'stop'));
  process.kill(-running.pid, 'SIGINT');
  assert.equal((await running.end).code, 130);
  // Forced means at once: the work stays where it is, for the next run to save.
  const left = join(project.repo.root, '.codewalk/worktrees/one/one.txt');
  assert.equal(readFileSync(left, 'utf8'), 'half\n');

  const again = await project.cw(['run']);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.deepEqual(
    project.starts('one').map(({ beside }) => beside),
    [[], []],
    'the first was gone before the second began',
  );
  assert.equal(project.repo.git('show', 'cw/integration:one.txt'), 'whole');
  assert.deepEqual(project.processes(), []);
});

for (const command of [
  ['agent', 'stop'],
  ['task', 'cancel'],
]) {
  test(`S2-28 S3-10 cw ${command.join(' ')} from another terminal ends the agent with all that it started, and its work is kept for a retry`, async () => {
    await using project = await makeProject({
      roadmap: ROADMAP,
      script: {
        ...Object.fromEntries(TASKS.map((id) => [id, [turn(id)]])),
        // The others may go on when this one may not.
        one: [turn('one').map((each) => ('waitFor' in each ? { hang: true } : each)), turn('one')],
      },
      config: UNCONFINED,
    });
    const { repo } = project;
    await using running = await atWork(project);
    const theirs = project.record().flatMap(({ task, pid }) => (task === 'one' ? [pid] : []));
    assert.equal(theirs.filter(isRunning).length, 2, 'the agent and its child run');
    const stop = await project.cw([...command, 'one']);
    assert.equal(stop.code, 0, stop.stderr);
    await running.line((line) => line.includes('"type":"task.cancelled"'));
    project.allow('go');
    assert.equal((await running.end).code, 0);

    assert.deepEqual(theirs.filter(isRunning), []);
    assert.deepEqual(project.processes(), []);
    assert.equal(repo.git('show', 'cw/one:one.txt'), 'half');
    const { one, two, three } = await project.tasks();
    assert.deepEqual([one?.state, two?.state, three?.state], ['cancelled', 'done', 'done']);

    assert.equal((await project.cw(['task', 'retry', 'one'])).code, 0);
    const again = await project.cw(['run']);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.equal(repo.git('show', 'cw/integration:one.txt'), 'whole');
  });
}

test('S3-62 what an agent deletes because it is stopped was saved before, and comes back', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'Do one.' }] },
    script: {
      one: [
        [
          { write: 'one.txt', text: 'hours of work\n' },
          { tidies: 'one.txt' },
          { print: 'ready one' },
          { hang: true },
        ],
      ],
    },
  });
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('ready one'));
  running.kill('SIGTERM');
  assert.equal((await running.end).code, 130);
  const list = JSON.parse((await project.cw(['recover', '--json'])).stdout) as {
    readonly id: string;
    readonly reason: string;
  }[];
  assert.deepEqual(
    list.map(({ reason }) => reason),
    ['killed'],
  );
  const restored = await project.cw(['recover', 'restore', list[0]?.id ?? '', '--to', 'back']);
  assert.equal(restored.code, 0, restored.stderr);
  assert.equal(project.repo.git('show', 'back:one.txt'), 'hours of work');
});

test('S3-66 a worktree that is deleted under its agent fails the attempt by name, loses nothing that was saved, and is made anew', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'Do one.' }] },
    script: {
      one: [
        [{ write: 'one.txt', text: 'half\n' }, { exit: 7 }],
        [{ tell: 'here' }, { waitFor: 'go' }, { write: 'one.txt', text: 'lost\n' }],
        [{ expect: ['one.txt'] }, { write: 'two.txt', text: 'whole\n' }],
      ],
    },
  });
  const { repo } = project;
  await using running = await project.start(['run', '--json']);
  await project.untilRecord((record) => record.some(({ kind }) => kind === 'here'));
  rmSync(join(repo.root, '.codewalk/worktrees/one'), { recursive: true });
  project.allow('go');
  assert.equal((await running.end).code, 1);
  const { one } = await project.tasks();
  assert.equal(one?.state, 'failed');
  assert.match(String(one?.['reason']), /^The worktree of task one is gone: /);
  assert.equal(repo.git('show', 'cw/one:one.txt'), 'half');

  assert.equal((await project.cw(['task', 'retry', 'one'])).code, 0);
  const again = await project.cw(['run']);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.equal(repo.git('show', 'cw/integration:one.txt'), 'half');
  assert.equal(repo.git('show', 'cw/integration:two.txt'), 'whole');
  assert.equal(repo.git('worktree', 'prune', '--dry-run', '--verbose'), '');
});
