import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type E2eProject, makeProject } from './project.ts';
import type { Action } from './scripted-agent.ts';

const done = (id: string): readonly Action[] => [
  { write: `${id}.txt`, text: `${id}\n` },
  { result: { status: 'done', summary: id } },
];
const FAILS: readonly Action[] = [{ print: 'I cannot' }, { exit: 7 }];

async function states(project: E2eProject): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries(Object.values(await project.tasks()).map(({ id, state }) => [id, state]));
}

test('S3-69 S3-61 a hard failure blocks what needs it, a soft one and a skip do not, and all else goes on', async () => {
  await using project = await makeProject({
    roadmap: {
      version: 1,
      tasks: [
        { id: 'hard', prompt: 'x', on_failure: 'hard' },
        { id: 'after-hard', prompt: 'x', depends_on: ['hard'] },
        { id: 'later', prompt: 'x', depends_on: ['after-hard'] },
        { id: 'soft', prompt: 'x', on_failure: 'soft' },
        { id: 'after-soft', prompt: 'x', depends_on: ['soft'] },
        { id: 'optional', prompt: 'x', on_failure: 'skip' },
        { id: 'after-optional', prompt: 'x', depends_on: ['optional'] },
        { id: 'apart', prompt: 'x' },
      ],
    },
    script: { hard: [FAILS], soft: [FAILS], optional: [FAILS] },
  });
  const run = await project.cw(['run']);
  assert.equal(run.code, 1, run.stderr);
  assert.deepEqual(await states(project), {
    hard: 'failed',
    'after-hard': 'blocked',
    later: 'blocked',
    soft: 'failed',
    'after-soft': 'done',
    optional: 'skipped',
    'after-optional': 'done',
    apart: 'done',
  });
  assert.match(run.stdout, /^\S+ after-hard blocked by hard\b/m);
  assert.equal(project.starts('hard').length, 2, 'tried as often as the config says');
  assert.equal(project.starts('after-hard').length, 0);

  project.script({});
  const refused = await project.cw(['task', 'retry', 'after-hard']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /after-hard is blocked.*\nhelp: .*retry the task that failed/);
  const retry = await project.cw(['task', 'retry', 'hard', 'soft']);
  assert.equal(retry.code, 0, retry.stderr);
  const again = await project.cw(['run']);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  const after = await states(project);
  assert.deepEqual([after['hard'], after['later'], after['soft']], ['done', 'done', 'done']);
  assert.equal(project.starts('apart').length, 1, 'what is done is not done again');
});

test('S3-56 S3-57 a failure that may pass is tried again, one that cannot is not', async () => {
  await using project = await makeProject({
    roadmap: {
      version: 1,
      tasks: [
        { id: 'wobbly', prompt: 'x' },
        { id: 'hopeless', prompt: 'x' },
        { id: 'refuses', prompt: 'x' },
      ],
    },
    script: {
      wobbly: [FAILS, done('wobbly')],
      hopeless: [[{ exit: 126 }]],
      refuses: [[{ result: { status: 'error', reason: 'the task makes no sense' } }]],
    },
  });
  const run = await project.cw(['run']);
  assert.equal(run.code, 1);
  const tasks = await project.tasks();
  assert.deepEqual(
    ['wobbly', 'hopeless', 'refuses'].map((id) => [tasks[id]?.state, tasks[id]?.attempts]),
    [
      ['done', 2],
      ['failed', 1],
      ['failed', 2],
    ],
  );
  assert.match(String(tasks['refuses']?.['reason']), /the task makes no sense/);
  assert.equal(project.repo.git('show', 'cw/integration:wobbly.txt'), 'wobbly');
});

test('a task that exceeds its timeout is stopped with its children, and its work is kept', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'slow', prompt: 'x', timeout: '4s', max_attempts: 1 }] },
    script: { slow: [[{ write: 'slow.txt', text: 'half\n' }, { child: true }, { hang: true }]] },
  });
  const run = await project.cw(['run']);
  assert.equal(run.code, 1);
  assert.match(String((await project.tasks())['slow']?.['reason']), /timeout/);
  assert.equal(project.repo.git('show', 'cw/slow:slow.txt'), 'half');
  assert.deepEqual(project.processes(), []);
});
