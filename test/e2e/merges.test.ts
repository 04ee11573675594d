import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CwResult } from '../support/installed-cw.ts';
import { type E2eProject, makeProject, type ProjectOptions } from './project.ts';
import type { Action } from './scripted-agent.ts';

/** Two tasks side by side from the same start: `first` is merged before `second` is done with its first turn. */
function race(first: readonly Action[], second: readonly (readonly Action[])[]): ProjectOptions {
  const [start = [], ...later] = second;
  return {
    roadmap: {
      version: 1,
      tasks: [
        { id: 'first', title: 'The first', prompt: 'x' },
        { id: 'second', title: 'The second', prompt: 'x' },
      ],
    },
    files: { 'same.txt': 'start\n' },
    script: {
      first: [[{ gather: 2 }, ...first, { result: { status: 'done', summary: 'first' } }]],
      second: [[{ print: 'ready' }, { waitFor: 'first-merged' }, ...start], ...later],
    },
  };
}

async function runRace(project: E2eProject): Promise<CwResult> {
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('"type":"merge.done"') && line.includes('"task":"first"'));
  project.allow('first-merged');
  return await running.end;
}

const DONE: Action = { result: { status: 'done', summary: 'second' } };

test('S2-47 S3-37 a conflict goes back to the same session with the markers in place, and what it makes of them is merged', async () => {
  await using project = await makeProject(
    race(
      [{ write: 'same.txt', text: 'one\n' }],
      [
        [{ write: 'same.txt', text: 'two\n' }, DONE],
        [{ resolve: 'same.txt' }, DONE],
      ],
    ),
  );
  const run = await runRace(project);
  assert.equal(run.code, 0, run.stderr);
  const shown = project.repo.git('show', 'cw/integration:same.txt').split('\n');
  assert.deepEqual([...shown].sort(), ['one', 'two']);
  const starts = project.starts('second');
  assert.equal(starts.length, 2);
  assert.equal(starts[0]?.session, starts[1]?.session);
  assert.match(starts[1]?.prompt ?? '', /same\.txt/);
  assert.match(starts[1]?.prompt ?? '', /The other side is .*\bfirst\b/);
  const [conflict, ...more] = await project.events('--type', 'merge.conflicted');
  assert.deepEqual(more, []);
  assert.deepEqual(
    [conflict?.task, conflict?.['files'], conflict?.['others'], conflict?.['bounce']],
    ['second', ['same.txt'], ['first'], 1],
  );
});

test('S2-47 a conflict that the agent cannot resolve in three tries becomes a question, whose answer lets it go on', async () => {
  await using project = await makeProject(
    race(
      [{ write: 'same.txt', text: 'one\n' }],
      [
        [{ write: 'same.txt', text: 'two\n' }, DONE],
        [{ print: 'too hard' }, DONE],
      ],
    ),
  );
  const run = await runRace(project);
  assert.equal(run.code, 3, run.stderr);
  assert.equal(project.starts('second').length, 4, 'the work and three tries');
  assert.equal(project.repo.git('show', 'cw/integration:same.txt'), 'one', 'nothing half resolved is merged');
  const inbox = await project.cw(['inbox']);
  assert.match(inbox.stdout, /second[\s\S]*same\.txt/);

  project.script({ second: [[{ resolve: 'same.txt' }, DONE]] });
  assert.equal((await project.cw(['inbox', 'answer', 'second', 'Keep both lines.'])).code, 0);
  const again = await project.cw(['run']);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.match(project.starts('second').at(-1)?.prompt ?? '', /Keep both lines\./);
  const shown = project.repo.git('show', 'cw/integration:same.txt').split('\n');
  assert.deepEqual([...shown].sort(), ['one', 'two']);
});

test('work that passes alone and fails on the merged tree is never merged, and goes back with what the check said', async () => {
  const options = race(
    [{ write: 'strict', text: '' }],
    [
      [{ write: 'second.txt', text: 'careless\n' }, DONE],
      [{ write: 'second.txt', text: 'careful\n' }, DONE],
    ],
  );
  await using project = await makeProject({
    ...options,
    config: {
      verify: 'test ! -f strict || test ! -f second.txt || { cat second.txt; grep -q careful second.txt; }',
    },
  });
  const run = await runRace(project);
  assert.equal(run.code, 0, run.stderr);
  const { repo } = project;
  assert.equal(repo.git('show', 'cw/integration:second.txt'), 'careful');
  assert.equal(repo.git('rev-list', '--first-parent', '--count', 'main..cw/integration'), '2');
  const starts = project.starts('second');
  assert.equal(starts.length, 2);
  assert.equal(starts[0]?.session, starts[1]?.session);
  assert.match(starts[1]?.prompt ?? '', /exited with 1[\s\S]*careless/);
  const failed = await project.events('--type', 'merge.verify_failed');
  assert.deepEqual(
    failed.map(({ task, bounce }) => [task, bounce]),
    [['second', 1]],
  );
});
