import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRunning } from './processes.ts';
import { makeProject, UNCONFINED } from './project.ts';
import type { Action } from './scripted-agent.ts';

const DONE: Action = { result: { status: 'done', summary: 'done' } };

test('S2-28 a task that is cancelled from a second process stops at once, keeps its work, and can be retried', async () => {
  await using project = await makeProject({
    roadmap: {
      version: 1,
      tasks: [
        { id: 'endless', prompt: 'x' },
        { id: 'other', prompt: 'x' },
      ],
    },
    script: {
      endless: [
        [{ write: 'half.txt', text: 'half\n' }, { child: true }, { print: 'ready' }, { hang: true }],
        [{ write: 'half.txt', text: 'whole\n' }, DONE],
      ],
      other: [[{ waitFor: 'cancelled' }, { write: 'other.txt', text: 'other\n' }, DONE]],
    },
    config: UNCONFINED,
  });
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('"type":"agent.output"') && line.includes('ready'));
  const cancel = await project.cw(['task', 'cancel', 'endless']);
  assert.deepEqual([cancel.code, cancel.stdout, cancel.stderr], [0, 'endless is cancelled.\n', '']);
  project.allow('cancelled');
  const run = await running.end;

  assert.equal(run.code, 0, run.stderr);
  const tasks = await project.tasks();
  assert.deepEqual([tasks['endless']?.state, tasks['other']?.state], ['cancelled', 'done']);
  const pids = project.record().flatMap(({ task, pid }) => (task === 'endless' ? [pid] : []));
  assert.equal(new Set(pids).size, 2);
  assert.deepEqual(pids.filter(isRunning), []);
  assert.equal(project.repo.git('show', 'cw/endless:half.txt'), 'half');

  assert.equal((await project.cw(['task', 'retry', 'endless'])).code, 0);
  const again = await project.cw(['run']);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.equal(project.repo.git('show', 'cw/integration:half.txt'), 'whole');
});

test('S0-35 S0-48 two runs share the work: every task runs once, and no process does more than it may', async () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  await using project = await makeProject({
    roadmap: { version: 1, tasks: ids.map((id) => ({ id, prompt: 'x' })) },
    config: { maxAgents: 2 },
    // Four at once is more than one process may have.
    script: Object.fromEntries(
      ids.map((id) => [id, [[{ print: 'ready' }, { gather: 4 }, { write: `${id}.txt`, text: id }, DONE]]]),
    ),
  });
  await using first = await project.start(['run', '--json']);
  await first.line((line) => line.includes('ready'));
  const second = await project.cw(['run', '--json']);
  const run = await first.end;
  assert.deepEqual([run.code, run.stderr, second.code], [0, '', 0]);
  assert.equal(
    second.stderr,
    'note: 1 other orchestrator at work: the tasks are shared (cw orchestrators)\n',
  );
  assert.deepEqual(
    project
      .starts()
      .map(({ task }) => task)
      .sort(),
    ids,
  );
  assert.deepEqual(
    project.starts().filter(({ alive }) => alive > 4),
    [],
  );
  const claims = await project.events('--type', 'task.claimed');
  assert.equal(new Set(claims.map((claim) => claim['orchestrator'])).size, 2, 'both had a part in it');
  assert.equal(claims.length, ids.length);
  assert.equal(project.repo.git('rev-list', '--first-parent', '--count', 'main..cw/integration'), '8');
  assert.deepEqual(project.processes(), []);
});

test('S0-39 S0-40 cw orchestrators shows who is at work, and one that is asked to stop finishes its turn and gives the rest back', async () => {
  await using project = await makeProject({
    roadmap: {
      version: 1,
      tasks: [
        { id: 'one', prompt: 'x' },
        { id: 'two', prompt: 'x', depends_on: ['one'] },
      ],
    },
    config: { lease: { leaseMs: 5_000, heartbeatMs: 200 } },
    script: {
      one: [[{ print: 'ready' }, { waitFor: 'go' }, { write: 'one.txt', text: 'one\n' }, DONE]],
      two: [[{ write: 'two.txt', text: 'two\n' }, DONE]],
    },
  });
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('"type":"agent.output"'));
  const listed = await project.cw(['orchestrators', '--json']);
  const [only, ...others] = JSON.parse(listed.stdout) as Record<string, unknown>[];
  assert.deepEqual([only?.['state'], only?.['maxAgents'], others.length], ['working', 4, 0]);
  const table = await project.cw(['orchestrators']);
  assert.match(
    table.stdout,
    /^ORCHESTRATOR +STATE +HOST +PID +VERSION +AGENTS +SINCE +HEARD +LEASE\norc_\w+ +working /,
  );

  const unknown = await project.cw(['orchestrators', 'stop', 'orc_nobody']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /^error: No orchestrator "orc_nobody" is at work\nhelp: cw orchestrators/);
  const asked = await project.cw(['orchestrators', 'stop', String(only?.['id']).slice(0, 8)]);
  assert.equal(asked.stdout, `${only?.['id']} finishes its turns, gives the rest back and ends.\n`);
  await running.line((line) => line.includes('"orchestrator.dismissed"'));
  project.allow('go');
  const run = await running.end;
  assert.deepEqual([run.code, run.stderr], [130, 'note: ended because it was asked to, by person\n']);
  const tasks = await project.tasks();
  assert.deepEqual([tasks['one']?.state, tasks['two']?.state], ['done', 'pending']);
  assert.equal((await project.cw(['orchestrators'])).stdout, 'No orchestrator is at work.\n    cw run\n');
});
