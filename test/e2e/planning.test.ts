import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
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

test('S3-20 S2-56 a goal becomes a plan, the plan merged commits, and these a summary', async () => {
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

  const shown = await project.cw(['roadmap', 'show', '--made']);
  assert.match(shown.stdout, /plan search {2}Search {2}3\/3 tasks, Complete .*\n {2}- index: /);

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

const ASKS = [
  {
    result: {
      status: 'questions',
      questions: [
        { id: 'where', question: 'Where is it searched?', options: ['in the browser', 'on the server'] },
      ],
    },
  },
];

test('a goal that is unclear is asked about, and the answer goes on in the same conversation', async () => {
  await using project = await makePlanned([ASKS, planned(SEARCH)]);
  const asked = await project.cw(['plan', 'Search by title']);
  assert.equal(asked.code, 3, asked.stdout + asked.stderr);
  assert.match(asked.stdout, /Where is it searched\?\n {2}\[1\] in the browser/);
  assert.deepEqual((await json(project, 'plan', 'list'))[0].state, 'asks');
  const answered = await project.cw(['plan', '--answer', '2', '--dry-run']);
  assert.equal(answered.code, 0, answered.stdout + answered.stderr);
  assert.match(answered.stdout, /\+ {6}- id: index/);
  const starts = project.starts('plan-search-by-title');
  assert.deepEqual([starts.length, new Set(starts.map(({ session }) => session)).size], [2, 1]);
  assert.match(
    (await project.cw(['agent', 'history', 'plan-search-by-title', '--full'])).stdout,
    /on the server/,
  );
});

test('a plan is changed in the editor before it is applied, and a mistake in it changes nothing', async () => {
  await using project = await makePlanned([planned(SEARCH)]);
  const script = (line: string) => {
    const path = join(project.directory, 'editor.sh');
    writeFileSync(path, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
    return { env: { EDITOR: path, VISUAL: undefined } };
  };
  const before = roadmapOf(project);
  const wrong = script('sed -i "s/\\[index\\]/[nowhere]/" "$1"');
  const refused = await project.cw(['plan', 'Search by title', '--edit', '--yes'], wrong);
  assert.equal(refused.code, 2, refused.stdout);
  assert.match(refused.stderr, /roadmap\.yaml:\d+:\d+: .*nowhere/);
  assert.equal(roadmapOf(project), before);

  const right = script('sed -i "s/title: Make index/title: As I want it/" "$1"');
  const applied = await project.cw(['plan', 'apply', 'plan-search-by-title', '--edit'], right);
  assert.equal(applied.code, 0, applied.stderr);
  assert.match(roadmapOf(project), /title: As I want it/);
  assert.equal((await project.tasks()).index?.['title'], 'As I want it');
});

test('the issues of a file become tasks that say which of them they come from', async () => {
  const tasks = [task('index', { issues: [1] }), task('page', { issues: [1] })];
  await using project = await makeProject({
    roadmap: '# Our shop\ntasks:\n  - id: base\n    prompt: Begin.\n',
    script: { 'plan-do-what-is-asked': [planned({ tasks })] },
    config: { agents: { orchestrator: { provider: 'scripted' } } },
  });
  project.repo.write('issues.md', '- [ ] Search by title\n  in all books\n- [x] Done\n- [ ] Export\n');
  const made = await project.cw(['plan', '--from', 'issues.md', '--yes']);
  assert.equal(made.code, 0, made.stdout + made.stderr);
  assert.match(made.stdout, /note: No task names issue 2: Export/);
  assert.match(roadmapOf(project), /notes: "?From issue 1: Search by title/);
  const said = await project.cw(['agent', 'history', 'plan-do-what-is-asked', '--full']);
  assert.match(said.stdout, /### 1\. Search by title[^#]*in all books/);
  assert.match(said.stdout, /### 2\. Export/);
});

test('a project without a roadmap gets one with its first plan', async () => {
  await using project = await makeProject({
    script: { 'plan-search-by-title': [planned(SEARCH)] },
    config: { agents: { orchestrator: { provider: 'scripted' } } },
  });
  const made = await project.cw(['plan', 'Search by title', '--yes']);
  assert.equal(made.code, 0, made.stdout + made.stderr);
  assert.match(roadmapOf(project), /^version: 1\nplans:\n {2}- id: search/);
});

test('a plan that was killed while it was made goes on in its conversation when it is asked for again', async () => {
  await using project = await makePlanned([
    [{ print: 'reading' }, { tell: 'here' }, { hang: true }],
    planned(SEARCH),
  ]);
  const first = await project.start(['plan', 'Search by title']);
  await project.untilRecord((record) => record.some(({ kind }) => kind === 'here'));
  first.kill('SIGKILL');
  await first.end;
  assert.deepEqual(
    (await json(project, 'plan', 'list')).map(({ plan }: { plan: string }) => plan),
    ['plan-search-by-title'],
  );
  const again = await project.cw(['plan', 'Search by title', '--yes']);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.match(again.stderr, /plan-search-by-title has the same goal and goes on/);
  assert.match(roadmapOf(project), /id: index/);
});

test('Ctrl+C ends the planning, and leaves nothing that a run would go on with', async () => {
  await using project = await makePlanned([[{ tell: 'here' }, { hang: true }]]);
  const planning = await project.start(['plan', 'Search by title']);
  await project.untilRecord((record) => record.some(({ kind }) => kind === 'here'));
  planning.kill('SIGINT');
  assert.equal((await planning.end).code, 130);
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.deepEqual(Object.keys(await project.tasks()), ['base']);
});

test('a plan as JSON is one value that programs can read', async () => {
  await using project = await makePlanned([planned(SEARCH)]);
  const made = await json(project, 'plan', 'Search by title');
  assert.deepEqual(
    [made.plan, made.applied, made.longestChain, made.atOnce, made.proposal.tasks.length],
    ['plan-search-by-title', false, 2, 2, 3],
  );
  assert.match(made.diff, /id: index/);
  const applied = await json(project, 'plan', 'apply', 'plan-search-by-title');
  assert.deepEqual([applied.applied, applied.added], [true, ['index', 'page', 'docs']]);
});

test('a dropped plan is gone from the list, and what was said stays', async () => {
  await using project = await makePlanned([planned(SEARCH)]);
  await project.cw(['plan', 'Search by title']);
  assert.equal((await project.cw(['plan', 'drop', 'plan-search-by-title'])).code, 0);
  assert.deepEqual(await json(project, 'plan', 'list'), []);
  assert.equal((await json(project, 'plan', 'list', '--all')).length, 1);
  assert.match((await project.cw(['task', 'logs', 'plan-search-by-title'])).stdout, /Search/);
});
