import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type E2eProject, makeProject } from './project.ts';
import type { Script } from './scripted-agent.ts';

const PROMPT = 'Write the file that is named, so that it holds one line.';

function task(id: string, part: Record<string, unknown> = {}) {
  return {
    id,
    title: `Make ${id}`,
    prompt: PROMPT,
    files: [`${id}.txt`],
    verify: `test -f ${id}.txt`,
    ...part,
  };
}

function planned(part: Record<string, unknown>) {
  return [{ result: { status: 'done', summary: 'A plan.', plan: { title: 'Search', ...part } } }];
}

const SEARCH = {
  summary: 'The index comes first; page and docs need it.',
  groups: [{ id: 'search', level: 'plan', title: 'Search' }],
  tasks: [
    task('index', { group: 'search' }),
    task('page', { group: 'search', depends_on: ['index'] }),
    task('docs', { group: 'search', depends_on: ['index'] }),
  ],
};

async function makePlanned(turns: Script[string], more: { roadmap?: string; script?: Script } = {}) {
  return await makeProject({
    roadmap: more.roadmap ?? '# Our shop\ntasks:\n  - id: base # first of all\n    prompt: Begin.\n',
    script: { 'plan-search-by-title': turns, ...more.script },
    config: { agents: { orchestrator: { provider: 'scripted' } } },
  });
}

function roadmapOf(project: E2eProject): string {
  return readFileSync(join(project.repo.root, 'roadmap.yaml'), 'utf8');
}

async function json(project: E2eProject, ...args: readonly string[]) {
  const { code, stdout, stderr } = await project.cw([...args, '--json']);
  assert.equal(code, 0, stdout + stderr);
  return JSON.parse(stdout);
}

test('S3-20 S3-19 a goal becomes a plan, the plan tasks of the roadmap, and the tasks merged commits', async () => {
  await using project = await makePlanned([planned(SEARCH)]);
  const made = await project.cw(['plan', 'Search by title', '--yes']);
  assert.equal(made.code, 0, made.stdout + made.stderr);
  assert.match(made.stdout, /3 tasks, longest chain 2, up to 2 at once/);
  assert.match(made.stdout, /\+ {6}- id: index/);
  assert.match(made.stdout, /Applied plan-search-by-title: 3 new tasks/);
  assert.match(roadmapOf(project), /^# Our shop\ntasks:\n {2}- id: base # first of all\n/);

  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const tasks = await project.tasks();
  assert.deepEqual(
    ['base', 'index', 'page', 'docs'].map((id) => tasks[id]?.state),
    ['done', 'done', 'done', 'done'],
  );
  assert.equal(tasks['plan-search-by-title'], undefined);
  assert.match(project.repo.git('ls-tree', '--name-only', 'cw/integration'), /^docs\.txt$/m);
  const [plan] = await json(project, 'plan', 'list');
  assert.deepEqual([plan.plan, plan.state, plan.tasks], ['plan-search-by-title', 'applied', 3]);

  const undone = await makeUndo(project);
  assert.doesNotMatch(undone, /id: index/);
});

async function makeUndo(project: E2eProject): Promise<string> {
  assert.equal((await project.cw(['roadmap', 'undo'])).code, 0);
  return roadmapOf(project);
}

test('S3-21 a plan with a cycle goes back to its agent with the cycle named, and comes back mended', async () => {
  const cycle = {
    tasks: [task('index', { depends_on: ['page'] }), task('page', { depends_on: ['index'] })],
  };
  await using project = await makePlanned([planned(cycle), planned(SEARCH)]);
  const made = await project.cw(['plan', 'Search by title']);
  assert.equal(made.code, 0, made.stdout + made.stderr);
  assert.match(made.stdout, /index → page → index/);
  assert.match(made.stdout, /Nothing has changed\. Apply it: cw plan apply plan-search-by-title/);
  const starts = project.starts('plan-search-by-title');
  assert.equal(starts.length, 2);
  assert.equal(new Set(starts.map(({ session }) => session)).size, 1);
  assert.doesNotMatch(roadmapOf(project), /index/);

  assert.equal((await project.cw(['plan', 'apply', 'plan-search-by-title'])).code, 0);
  assert.match(roadmapOf(project), /id: index/);
});

test('a plan that stays wrong is given up after three times, and leaves nothing behind', async () => {
  await using project = await makePlanned([planned({ tasks: [task('base')] })]);
  const made = await project.cw(['plan', 'Search by title']);
  assert.equal(made.code, 1, made.stdout);
  assert.match(
    made.stderr,
    /there is no plan: orchestrator rejected the work 4 times|there is no plan: .*"base" is taken/,
  );
  assert.equal(project.starts('plan-search-by-title').length, 4);
  assert.equal((await project.cw(['run', '--only', 'base'])).code, 0);
});

test('a plan may advise serial work, and then it is a chain', async () => {
  const serial = { serial: true, serial_reason: 'all in one file', tasks: [task('index'), task('page')] };
  await using project = await makePlanned([planned(serial)]);
  const made = await project.cw(['plan', 'Search by title', '--yes']);
  assert.match(made.stdout, /serial: all in one file/);
  assert.match(made.stdout, /longest chain 2, one after the other/);
  const { page } = await project.tasks();
  assert.deepEqual(page?.dependsOn, ['index']);
});

test('what a planning agent writes is kept nowhere', async () => {
  await using project = await makePlanned([[{ write: 'planted.txt', text: 'x' }, ...planned(SEARCH)]]);
  await project.cw(['plan', 'Search by title', '--yes']);
  assert.equal(project.repo.git('log', '--all', '--format=%H', '--', 'planted.txt'), '');
});
