import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type E2eProject, makeProject } from './project.ts';
import type { Script } from './scripted-agent.ts';

const ROADMAP = `plans:
  - id: site
    title: The site
    tasks:
      - id: build # a comment
        prompt: Build it with the old tool.
      - id: page
        prompt: Make the page.
        depends_on: [build]
`;
const CANNOT: Script[string] = [[{ result: { status: 'error', reason: 'the old tool is gone' } }]];

function another(part: Record<string, unknown>) {
  return [{ result: { status: 'done', plan: { title: 'With the new tool', ...part } } }];
}

const NEW_TASK = {
  id: 'build-anew',
  title: 'Build with the new tool',
  prompt: 'Build it with the new tool, and write build-anew.txt.',
  files: ['build-anew.txt'],
  group: 'site',
};
const IN_ITS_PLACE = {
  tasks: [NEW_TASK],
  changes: [{ id: 'page', depends_on: ['build-anew'] }],
  remove: ['build'],
};

async function makeFailing(script: Script, replans = 1): Promise<E2eProject> {
  return await makeProject({
    roadmap: ROADMAP,
    script: { build: CANNOT, ...script },
    config: {
      agents: { orchestrator: { provider: 'scripted' } },
      retry: { maxAttempts: 1 },
      planning: { replans },
    },
  });
}

function roadmapOf(project: E2eProject): string {
  return readFileSync(join(project.repo.root, 'roadmap.yaml'), 'utf8');
}

async function states(project: E2eProject): Promise<Record<string, string>> {
  return Object.fromEntries(Object.entries(await project.tasks()).map(([id, { state }]) => [id, state]));
}

test('another way for a task that failed waits for a person, and what depended on it follows it', async () => {
  await using project = await makeFailing({ 'replan-build': [another(IN_ITS_PLACE)] });
  const run = await project.cw(['run']);
  assert.equal(run.code, 3, run.stdout + run.stderr);
  assert.deepEqual(await states(project), {
    build: 'failed',
    page: 'blocked',
    'replan-build': 'waiting_input',
  });
  const inbox = await project.cw(['inbox']);
  assert.match(inbox.stdout, /build failed\. May the roadmap be changed/);
  assert.match((await project.cw(['plan', 'show', 'replan-build'])).stdout, /Another way for build/);
  assert.equal(roadmapOf(project), ROADMAP);

  assert.equal((await project.cw(['task', 'approve', 'replan-build'])).code, 0);
  const then = await project.cw(['run']);
  assert.equal(then.code, 0, then.stdout + then.stderr);
  assert.deepEqual(await states(project), { 'build-anew': 'done', page: 'done' });
  assert.match(roadmapOf(project), /id: page\n {8}prompt: Make the page\.\n {8}depends_on: \[build-anew\]/);
  assert.doesNotMatch(roadmapOf(project), /id: build\b(?!-)/);
  const finished = (await project.events()).filter(({ type }) => type === 'plan.finished');
  assert.deepEqual(finished.map(({ container, done, total }) => [container, done, total]).at(-1), [
    'site',
    2,
    2,
  ]);
});

test('what a person says against another way goes back to its agent', async () => {
  const other = { ...IN_ITS_PLACE, tasks: [{ ...NEW_TASK, title: 'As the person said' }] };
  await using project = await makeFailing({ 'replan-build': [another(IN_ITS_PLACE), another(other)] });
  assert.equal((await project.cw(['run'])).code, 3);
  assert.equal((await project.cw(['task', 'reject', 'replan-build', 'Say it in my words'])).code, 0);
  assert.equal((await project.cw(['run'])).code, 3);
  assert.match((await project.cw(['plan', 'show', 'replan-build'])).stdout, /As the person said/);
  const history = await project.cw(['agent', 'history', 'replan-build', '--full']);
  assert.match(history.stdout, /Say it in my words/);
});

test('a task may be changed and tried again instead', async () => {
  const changed = { changes: [{ id: 'build', prompt: 'Build it with the new tool, in build.txt.' }] };
  await using project = await makeFailing({
    build: [...CANNOT, [{ write: 'build.txt', text: 'new\n' }]],
    'replan-build': [another(changed)],
  });
  assert.equal((await project.cw(['run'])).code, 3);
  assert.equal((await project.cw(['plan', 'apply', 'replan-build'])).code, 0);
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.deepEqual(await states(project), { build: 'done', page: 'done' });
});

test('no other way is asked for twice for one failure, nor for more failures than were allowed', async () => {
  const bad = { ...NEW_TASK, id: 'build-two' };
  const way = { ...IN_ITS_PLACE, tasks: [bad], changes: [{ id: 'page', depends_on: ['build-two'] }] };
  await using project = await makeFailing({ 'replan-build': [another(way)], 'build-two': CANNOT });
  assert.equal((await project.cw(['run'])).code, 3);
  await project.cw(['plan', 'drop', 'replan-build']);
  assert.equal((await project.cw(['run'])).code, 1);
  assert.equal(project.starts('replan-build').length, 1);
  // The failure is another one after a retry, but one way was all that was allowed.
  await project.cw(['task', 'retry', 'build']);
  assert.equal((await project.cw(['run'])).code, 1);
  assert.equal(project.starts().filter(({ task }) => task.startsWith('replan')).length, 1);
});
