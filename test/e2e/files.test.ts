import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import type { RunningCw } from '../support/installed-cw.ts';
import { type E2eProject, makeProject, type PrintedEvent } from './project.ts';
import { type Action, until } from './scripted-agent.ts';

const DONE: Action = { result: { status: 'done', summary: 'Made the file.' } };
const work = (id: string): readonly Action[] => [{ write: `${id}.txt`, text: id }, DONE];
const FILES: ConfigFile = {
  files: true,
  roadmap: { debounceMs: 100, stabilityMs: 50, pollMs: 200, safetyMs: 60_000 },
};
const ROADMAP = `version: 1
plans:
  - id: shop
    title: The shop
    tasks:
      # The first one.
      - id: cart
        prompt: Make the cart.
`;

const pathOf = (project: E2eProject, path: string) => join(project.repo.root, '.codewalk', path);
const read = (project: E2eProject, path: string) => readFileSync(pathOf(project, path), 'utf8');
const roadmapOf = (project: E2eProject) => readFileSync(join(project.repo.root, 'roadmap.yaml'), 'utf8');
const isThere = (project: E2eProject, path: string) => existsSync(pathOf(project, path));

/** Resolves when something in the directory has made it true. */
async function comesTo(project: E2eProject, directory: string, holds: () => boolean): Promise<void> {
  await until(pathOf(project, directory), holds, AbortSignal.timeout(60_000));
}

/** As most editors do it. */
function save(project: E2eProject, path: string, text: string): void {
  const next = `${pathOf(project, path)}.tmp`;
  writeFileSync(next, text);
  renameSync(next, pathOf(project, path));
}

/** The first event that was or will be printed for which it holds. */
async function event(
  running: RunningCw,
  type: string,
  holds: (event: PrintedEvent) => boolean = () => true,
): Promise<PrintedEvent> {
  const line = await running.line(
    (each) => each.includes(`"type":"${type}"`) && holds(JSON.parse(each) as PrintedEvent),
  );
  return JSON.parse(line) as PrintedEvent;
}

/** Brings both sides in step as a person would who has no run going on. */
async function inStep(project: E2eProject): Promise<void> {
  const { code, stderr } = await project.cw(['files', 'on']);
  assert.deepEqual([code, stderr], [0, '']);
}

test('S2-48 S2-49 S2-50 S2-51 a question is a file, and saving an answer in it lets the task go on and merge', async () => {
  const question = {
    id: 'format',
    question: 'Which format?\n## Your answer\nnone',
    options: ['JSON', 'YAML'],
  };
  await using project = await makeProject({
    roadmap: ROADMAP,
    script: { cart: [[{ result: { status: 'questions', questions: [question] } }], work('cart')] },
    config: { ...FILES, questions: { orchestrator: false } },
  });
  await using running = await project.start(['run', '--watch', '--json']);
  await event(running, 'task.asked');
  await comesTo(project, 'inbox', () => isThere(project, 'inbox/cart-format.md'));
  const text = read(project, 'inbox/cart-format.md');
  assert.match(text, /^task: cart$/m);
  assert.match(text, /^state: open$/m);
  assert.match(text, /> Which format\?\n> ## Your answer\n> none\n\n1\. JSON\n2\. YAML\n\n## Your answer\n/);
  save(project, 'inbox/cart-format.md', `${text}\n2\n`);
  const answered = await event(running, 'task.answered');
  assert.deepEqual([answered['answer'], answered['by']], ['YAML', 'person']);
  await event(running, 'task.done');
  await comesTo(project, 'inbox', () => !isThere(project, 'inbox/cart-format.md'));
  await comesTo(project, 'inbox/done', () => isThere(project, 'inbox/done/cart-format.md'));
  assert.match(
    read(project, 'inbox/done/cart-format.md'),
    /^state: answered$[\s\S]*\n## Your answer\n\nYAML\n$/m,
  );
  await comesTo(project, 'plan/shop', () => /^tasks: 1\/1$/m.test(read(project, 'plan/shop/_plan.md')));
  await comesTo(project, 'plan/shop', () => /^state: done$/m.test(read(project, 'plan/shop/cart.md')));
  assert.match(read(project, 'plan/shop/cart.md'), /^summary: Made the file\.$/m);
  await stopped(running);
  assert.equal(project.repo.git('show', 'cw/integration:cart.txt'), 'cart');
});

test('S2-48 S2-51 a file that is made in a plan is a task of the roadmap, which is done then', async () => {
  await using project = await makeProject({
    roadmap: ROADMAP,
    config: FILES,
    script: { api: [work('api')] },
  });
  await using running = await project.start(['run', '--watch', '--json']);
  await event(running, 'task.done', (each) => each.task === 'cart');
  await comesTo(project, 'plan/shop', () => isThere(project, 'plan/shop/cart.md'));
  save(project, 'plan/shop/api.md', '---\ntitle: The API\ndepends_on: [cart]\n---\nMake the API.\n');
  await event(running, 'task.done', (each) => each.task === 'api');
  await comesTo(project, 'plan/shop', () => /^state: done$/m.test(read(project, 'plan/shop/api.md')));
  await stopped(running);
  assert.match(roadmapOf(project), /# The first one\.\n {6}- id: cart\n[\s\S]*- id: api\n {8}title: The API/);
});

async function stopped(running: RunningCw): Promise<void> {
  process.kill(-running.pid, 'SIGINT');
  const { code, stderr } = await running.end;
  assert.deepEqual([code, stderr], [130, '']);
}

test('S2-54 what both sides changed is kept in both versions, and said in the file until it is settled', async () => {
  await using project = await makeProject({ roadmap: ROADMAP, config: FILES });
  await inStep(project);
  const page = read(project, 'plan/shop/cart.md');
  project.roadmap(ROADMAP.replace('Make the cart.', 'Make a small cart.'));
  save(
    project,
    'plan/shop/cart.md',
    page.replace('Make the cart.', 'Make a big cart.').replace('title: cart', 'title: Cart'),
  );
  await inStep(project);
  assert.match(read(project, 'plan/shop/cart.yours.md'), /Make a big cart\./);
  const settled = read(project, 'plan/shop/cart.md');
  assert.match(settled, /Make a small cart\./);
  assert.match(settled, /^title: Cart$/m);
  assert.match(settled, /^conflict: .*cart\.yours\.md/m);
  const status = await project.cw(['files', 'status']);
  assert.match(status.stdout, /changed on both sides {2}\.codewalk\/plan\/shop\/cart\.yours\.md/);
  const [conflicted] = await project.events('--type', 'files.conflicted');
  assert.deepEqual(
    [conflicted?.['file'], conflicted?.['kept']],
    ['plan/shop/cart.md', 'plan/shop/cart.yours.md'],
  );
  rmSync(pathOf(project, 'plan/shop/cart.yours.md'));
  await inStep(project);
  assert.doesNotMatch(read(project, 'plan/shop/cart.md'), /^conflict:/m);
});

test('S2-55 a bad file gets a warning with its place beside it, which goes when it is mended; off stops all', async () => {
  await using project = await makeProject({ roadmap: ROADMAP, config: { ...FILES, files: false } });
  await inStep(project);
  const good = read(project, 'plan/shop/cart.md');
  save(project, 'plan/shop/cart.md', good.replace('priority: medium', 'priorty: high'));
  await inStep(project);
  assert.match(
    read(project, 'plan/shop/cart.warning.txt'),
    /^cart\.md:\d+:1: A task has no key "priorty"\.\nDid you mean "priority"\?\n/,
  );
  assert.match(read(project, 'plan/shop/cart.md'), /^priorty: high$/m);
  // Looked at again, and as it is: it is said once.
  await inStep(project);
  assert.equal((await project.events('--type', 'files.rejected')).length, 1);
  save(project, 'plan/shop/cart.md', good.replace('priority: medium', 'priority: high'));
  await inStep(project);
  assert.equal(isThere(project, 'plan/shop/cart.warning.txt'), false);
  assert.match(roadmapOf(project), /priority: high/);
  assert.equal((await project.cw(['files', 'off'])).code, 0);
  save(project, 'plan/shop/cart.md', good.replace('Make the cart.', 'Make nothing.'));
  await using running = await project.start(['run', '--json']);
  await running.end;
  assert.doesNotMatch(roadmapOf(project), /Make nothing/);
  assert.match((await project.cw(['files', 'status'])).stdout, /^Files are off\./);
});

test('S2-52 S2-53 files are kept by one process, turned on while it runs, and never read back as edits', async () => {
  await using project = await makeProject({
    roadmap: ROADMAP,
    config: { ...FILES, files: false },
    script: { cart: [[{ print: 'ready' }, { waitFor: 'go' }, ...work('cart')]] },
  });
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('ready'));
  await inStep(project);
  const followed = await event(running, 'files.followed');
  assert.equal(followed['directory'], '.codewalk');
  const status = JSON.parse((await project.cw(['files', 'status', '--json'])).stdout) as {
    keptBy: { what: string };
  };
  assert.equal(status.keptBy.what, 'cw run');
  project.allow('go');
  const { code, stderr } = await running.end;
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(read(project, 'plan/shop/cart.md'), /^state: done$/m);
  assert.deepEqual(readdirSync(pathOf(project, 'plan/shop'), { encoding: 'utf8' }).sort(), [
    '_plan.md',
    'cart.md',
  ]);
  assert.equal(roadmapOf(project), ROADMAP);
  assert.equal(project.repo.git('status', '--porcelain'), '?? roadmap.yaml');
});

test('S2-50 work that waits for an approval is sent back, approved and merged by writing into its file', async () => {
  await using project = await makeProject({
    roadmap: ROADMAP.replace('prompt: Make the cart.', 'prompt: Make the cart.\n        approve: true'),
    config: FILES,
    script: { cart: [work('cart'), [{ write: 'more.txt', text: 'more' }, DONE]] },
  });
  await using running = await project.start(['run', '--watch', '--json']);
  const approvals = () => readdirSync(pathOf(project, 'inbox')).filter((name) => name.startsWith('cart-'));
  await comesTo(project, 'inbox', () => approvals().length === 1);
  const [first = ''] = approvals();
  assert.match(read(project, `inbox/${first}`), /^kind: approval$/m);
  save(project, `inbox/${first}`, `${read(project, `inbox/${first}`)}reject: say more\n`);
  await event(running, 'task.answered');
  await comesTo(project, 'inbox', () => approvals().some((name) => name !== first));
  const [second = ''] = approvals().filter((name) => name !== first);
  save(project, `inbox/${second}`, `${read(project, `inbox/${second}`)}approve\n`);
  await event(running, 'task.done');
  await stopped(running);
  assert.equal(project.repo.git('show', 'cw/integration:more.txt'), 'more');
});
