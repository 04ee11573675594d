import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeProject, UNCONFINED } from './project.ts';

test('S2-40 S2-42 S3-39 a question ends the run with 3 when nothing else can run, and its answer goes to the same session', async () => {
  await using project = await makeProject({
    roadmap: {
      version: 1,
      tasks: [
        { id: 'asks', prompt: 'x' },
        { id: 'after', prompt: 'x', depends_on: ['asks'] },
        { id: 'apart', prompt: 'x' },
      ],
    },
    script: {
      asks: [
        [
          {
            result: {
              status: 'questions',
              questions: [{ id: 'q1', question: 'Which colour?', options: ['red', 'blue'] }],
            },
          },
        ],
        [{ write: 'colour.txt', text: 'blue\n' }, { result: { status: 'done', summary: 'painted' } }],
      ],
    },
  });
  const run = await project.cw(['run']);
  assert.equal(run.code, 3, run.stdout + run.stderr);
  assert.match(run.stdout, /Which colour\?/);
  const before = await project.tasks();
  assert.deepEqual(
    ['asks', 'after', 'apart'].map((id) => before[id]?.state),
    ['waiting_input', 'pending', 'done'],
  );
  const inbox = await project.cw(['inbox', '--json']);
  const [question] = JSON.parse(inbox.stdout) as { task: string; question: string; options: string[] }[];
  assert.deepEqual(
    [question?.task, question?.question, question?.options],
    ['asks', 'Which colour?', ['red', 'blue']],
  );
  assert.equal((await project.cw(['run'])).code, 3, 'without an answer nothing goes on');
  assert.equal(project.starts('asks').length, 1);

  const answer = await project.cw(['inbox', 'answer', 'asks', '2']);
  assert.equal(answer.code, 0, answer.stderr);
  const again = await project.cw(['run']);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  const [first, second] = project.starts('asks');
  assert.equal(first?.session, second?.session);
  assert.match(second?.prompt ?? '', /Which colour\?[\s\S]*blue/);
  assert.equal(project.repo.git('show', 'cw/integration:colour.txt'), 'blue');
});

test('S3-30 S3-31 work that a reviewer rejects goes back to the coder in the same session until it is accepted', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'page', prompt: 'Write page.txt', workflow: 'reviewed' }] },
    config: {
      workflows: {
        reviewed: { steps: [{ agent: 'coder' }, { agent: 'reviewer', onReject: 'coder', maxRounds: 2 }] },
      },
      // In a sandbox this reviewer could not write at all.
      ...UNCONFINED,
    },
    script: {
      'page/coder': [
        [{ write: 'page.txt', text: 'draft\n' }, { result: { status: 'done', summary: 'drafted' } }],
        [{ write: 'page.txt', text: 'final\n' }, { result: { status: 'done', summary: 'finished' } }],
      ],
      'page/reviewer': [
        // What a reviewer leaves in the worktree is thrown away.
        [
          { write: 'notes.txt', text: 'mine\n' },
          { result: { status: 'rejected', feedback: 'page.txt is a draft' } },
        ],
        [{ result: { status: 'done', summary: 'good' } }],
      ],
    },
  });
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const starts = project.starts('page');
  assert.deepEqual(
    starts.map(({ role, attempt }) => `${role} ${attempt}`),
    ['coder 1', 'reviewer 1', 'coder 1', 'reviewer 1'],
  );
  assert.equal(starts[0]?.session, starts[2]?.session);
  assert.equal(starts[1]?.session, starts[3]?.session);
  assert.notEqual(starts[0]?.session, starts[1]?.session);
  assert.match(starts[1]?.prompt ?? '', /\+draft/, 'the reviewer is shown the work');
  assert.match(starts[2]?.prompt ?? '', /page\.txt is a draft/);
  assert.deepEqual(project.repo.git('ls-tree', '--name-only', 'cw/integration').split('\n'), [
    'README.md',
    'page.txt',
  ]);
  assert.equal(project.repo.git('show', 'cw/integration:page.txt'), 'final');
});

test('work that is rejected more often than allowed fails with what the reviewer said last', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'page', prompt: 'x', workflow: 'reviewed' }] },
    config: {
      workflows: {
        reviewed: { steps: [{ agent: 'coder' }, { agent: 'reviewer', onReject: 'coder', maxRounds: 1 }] },
      },
    },
    script: {
      'page/coder': [
        [{ write: 'page.txt', text: 'page\n' }, { result: { status: 'done', summary: 'page' } }],
      ],
      'page/reviewer': [[{ result: { status: 'rejected', feedback: 'still wrong' } }]],
    },
  });
  assert.equal((await project.cw(['run'])).code, 1);
  const { page } = await project.tasks();
  assert.equal(page?.state, 'failed');
  assert.match(String(page?.['reason']), /rejected the work 2 times: still wrong/);
  assert.equal(project.starts('page').length, 4);
  assert.equal(project.repo.git('show', 'cw/page:page.txt'), 'page', 'the work is kept on its branch');
});
