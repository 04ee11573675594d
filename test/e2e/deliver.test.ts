import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeProject } from './project.ts';
import type { Action } from './scripted-agent.ts';

const DONE: Action = { result: { status: 'done', summary: 'done' } };
const ROADMAP = { version: 1, tasks: [{ id: 'one', prompt: 'x' }] };

test('a run whose config says so delivers to the target when nothing failed', async () => {
  await using project = await makeProject({
    roadmap: ROADMAP,
    script: { one: [[{ write: 'one.txt', text: 'one\n' }, DONE]] },
    config: { merge: { deliver: 'auto', target: 'release' } },
  });
  project.repo.git('branch', 'release');
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.match(run.stderr, /delivered 1 task from cw\/integration to release/);
  assert.equal(project.repo.git('show', 'release:one.txt'), 'one');
});

test('a run with a failed task delivers nothing by itself', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [...ROADMAP.tasks, { id: 'two', prompt: 'x' }] },
    script: {
      one: [[{ write: 'one.txt', text: 'one\n' }, DONE]],
      two: [
        [{ result: { status: 'error', reason: 'cannot' } }],
        [{ result: { status: 'error', reason: 'cannot' } }],
      ],
    },
    config: { merge: { deliver: 'auto', target: 'release' } },
  });
  project.repo.git('branch', 'release');
  const before = project.repo.git('rev-parse', 'release');
  const run = await project.cw(['run']);
  assert.equal(run.code, 1, run.stdout + run.stderr);
  assert.equal(project.repo.git('rev-parse', 'release'), before);
});
