import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { RoadmapEditor } from '../../src/adapters/yaml/roadmap-editor.ts';
import { loadRoadmap } from '../../src/adapters/yaml/roadmap-file.ts';
import type { TaskFields } from '../../src/core/roadmap/edits.ts';

const NEW = { id: 'new', title: 'New' };

type NewTask = { readonly id: string } & TaskFields;

async function addTask(path: string, { id, ...fields }: NewTask, into?: string): Promise<void> {
  const editor = new RoadmapEditor(path, path, async () => {});
  await editor.edit({ kind: 'add', id, fields, ...(into === undefined ? {} : { into }) });
}

async function roadmapFile(t: TestContext, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cw-append-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'roadmap.yaml');
  await writeFile(path, text);
  return path;
}

async function appended(t: TestContext, text: string, task: NewTask = NEW): Promise<string> {
  const path = await roadmapFile(t, text);
  await addTask(path, task);
  assert.deepEqual(await readdir(join(path, '..')), ['roadmap.yaml']);
  return readFile(path, 'utf8');
}

const CASES: readonly [title: string, before: string, after: string][] = [
  [
    'after the last task',
    'tasks:\n  - id: a\n    title: A\n',
    'tasks:\n  - id: a\n    title: A\n  - id: new\n    title: New\n',
  ],
  [
    'in the indentation of the list',
    'tasks:\n- id: a\n  title: A\n',
    'tasks:\n- id: a\n  title: A\n- id: new\n  title: New\n',
  ],
  [
    'in a wide indentation',
    'tasks:\n      - id: a\n        title: A\n',
    'tasks:\n      - id: a\n        title: A\n      - id: new\n        title: New\n',
  ],
  [
    'when the last line has no end',
    'tasks:\n  - id: a\n    title: A',
    'tasks:\n  - id: a\n    title: A\n  - id: new\n    title: New\n',
  ],
  [
    'after a comment at the end of the last line',
    'tasks:\n  - id: a\n    title: A # why\n',
    'tasks:\n  - id: a\n    title: A # why\n  - id: new\n    title: New\n',
  ],
  [
    'before what follows the list',
    '# top\ntasks:\n  # first\n  - id: a\n    title: A\n\n# later\nphases: []   # none\n',
    '# top\ntasks:\n  # first\n  - id: a\n    title: A\n  - id: new\n    title: New\n\n# later\nphases: []   # none\n',
  ],
  [
    'after a prompt of many lines',
    'tasks:\n  - id: a\n    prompt: |\n      one\n\n      two\n',
    'tasks:\n  - id: a\n    prompt: |\n      one\n\n      two\n  - id: new\n    title: New\n',
  ],
  [
    'when there is no list of tasks',
    'project: shop\nphases:\n  - id: p\n    tasks: [{ id: a, title: A }]\n',
    'project: shop\nphases:\n  - id: p\n    tasks: [{ id: a, title: A }]\ntasks:\n  - id: new\n    title: New\n',
  ],
  ['into an empty file', '', 'tasks:\n  - id: new\n    title: New\n'],
  ['into a file of comments', '# my roadmap\n', '# my roadmap\ntasks:\n  - id: new\n    title: New\n'],
  ['into an empty list', 'tasks: []\n', 'tasks:\n  - id: new\n    title: New\n'],
  [
    'into an empty list with a comment',
    'version: 1\ntasks: [] # soon\nphases: []\n',
    'version: 1\ntasks: # soon\n  - id: new\n    title: New\nphases: []\n',
  ],
  ['into a key without a value', 'tasks:\nproject: x\n', 'tasks:\n  - id: new\n    title: New\nproject: x\n'],
  [
    'into a list in brackets',
    'tasks: [{ id: a, title: A }]\n',
    'tasks: [{ id: a, title: A }, {"id":"new","title":"New"}]\n',
  ],
  [
    'into a list in brackets with a comma at its end',
    'tasks: [\n  { id: a, title: A },\n]\n',
    'tasks: [\n  { id: a, title: A }, {"id":"new","title":"New"},\n]\n',
  ],
  [
    'into JSON',
    '{"tasks": [{"id": "a", "title": "A"}]}\n',
    '{"tasks": [{"id": "a", "title": "A"}, {"id":"new","title":"New"}]}\n',
  ],
  [
    'into JSON without tasks',
    '{"project": "x"}\n',
    '{"project": "x", "tasks": [{"id":"new","title":"New"}]}\n',
  ],
  [
    'with the line ends of the file',
    'tasks:\r\n  - id: a\r\n    title: A\r\n',
    'tasks:\r\n  - id: a\r\n    title: A\r\n  - id: new\r\n    title: New\r\n',
  ],
  [
    'with the byte order mark kept',
    '\uFEFFtasks:\n  - id: a\n    title: A\n',
    '\uFEFFtasks:\n  - id: a\n    title: A\n  - id: new\n    title: New\n',
  ],
  [
    'before the end of the document',
    'tasks:\n  - id: a\n    title: A\n...\n',
    'tasks:\n  - id: a\n    title: A\n  - id: new\n    title: New\n...\n',
  ],
];

for (const [title, before, after] of CASES) {
  test(`a task is added ${title}, and nothing else changes`, async (t) => {
    assert.equal(await appended(t, before), after);
  });
}

test('a task is added with everything it says', async (t) => {
  const path = await roadmapFile(t, 'tasks:\n  - id: a\n    title: A\n');
  await addTask(path, {
    ...NEW,
    prompt: 'First: do this.\n\n  Then "that" #1\n',
    depends_on: ['a'],
    files: ['src/**', '[a].ts'],
    agent: 'coder',
    workflow: 'standard',
    priority: 'high',
    verify: 'npm test && echo "ok: yes"',
    exit_criteria: ['- works'],
    on_failure: 'soft',
    timeout: '30m',
  });
  const { plan } = await loadRoadmap(path);
  assert.deepEqual(plan.tasks[1]?.definition, {
    ...NEW,
    prompt: 'First: do this.\n\n  Then "that" #1',
    path: {},
    dependsOn: ['a'],
    files: ['src/**', '[a].ts'],
    agent: 'coder',
    workflow: 'standard',
    priority: 75,
    verify: 'npm test && echo "ok: yes"',
    exitCriteria: ['- works'],
    onFailure: 'soft',
    timeoutMs: 1_800_000,
  });
});

test('any title and prompt come back as they were given, whatever YAML would make of them', async (t) => {
  const path = await roadmapFile(t, '');
  const words = fc.string({ unit: fc.constantFrom(...'ab:#-*&!|>\'"%@`{}[],? \n0~\\é🚀'), minLength: 1 });
  await fc.assert(
    fc.asyncProperty(words, words, async (title, prompt) => {
      fc.pre(title.trim() !== '' && prompt.trim() !== '');
      await writeFile(path, 'tasks:\n  - id: a\n    title: A\n# end\n');
      await addTask(path, { id: 'new', title, prompt });
      const { plan } = await loadRoadmap(path);
      assert.equal(plan.tasks[1]?.definition.title, title.replace(/\s+/g, ' ').trim());
      assert.equal(plan.tasks[1]?.definition.prompt, prompt.trim());
    }),
    { numRuns: 150 },
  );
});

const REFUSED: readonly [title: string, before: string, task: object, code: string][] = [
  ['an id that is taken', 'tasks: [{ id: new, title: A }]\n', {}, 'ROADMAP_INVALID'],
  ['an id that cannot be one', 'tasks: []\n', { id: '../x' }, 'ROADMAP_INVALID'],
  ['an unknown dependency', 'tasks: []\n', { depends_on: ['zebra'] }, 'ROADMAP_INVALID'],
  ['a roadmap that was broken before', 'tasks:\n  - id: a\n    titel: A\n', {}, 'ROADMAP_INVALID'],
];

for (const [title, before, task, code] of REFUSED) {
  test(`${title} is refused and the file stays as it was`, async (t) => {
    const path = await roadmapFile(t, before);
    await assert.rejects(addTask(path, { ...NEW, ...task }), { code });
    assert.equal(await readFile(path, 'utf8'), before);
    assert.deepEqual(await readdir(join(path, '..')), ['roadmap.yaml']);
  });
}

test('a roadmap that does not exist is not made', async (t) => {
  const path = await roadmapFile(t, '');
  await rm(path);
  await assert.rejects(addTask(path, NEW), { code: 'ROADMAP_MISSING' });
  assert.deepEqual(await readdir(join(path, '..')), []);
});

test('the mode of the file and a symbolic link to it stay', async (t) => {
  const path = await roadmapFile(t, 'tasks: []\n');
  await chmod(path, 0o640);
  const link = join(path, '..', 'link.yaml');
  await symlink('roadmap.yaml', link);
  await addTask(link, NEW);
  assert.equal((await stat(path)).mode & 0o777, 0o640);
  assert.match(await readFile(path, 'utf8'), /id: new/);
  assert.deepEqual((await readdir(join(path, '..'))).sort(), ['link.yaml', 'roadmap.yaml']);
});

test('a lock left by a process that died is taken over', async (t) => {
  const path = await roadmapFile(t, 'tasks: []\n');
  const lock = join(path, '..', '.roadmap.yaml.cw-edit');
  await writeFile(lock, '');
  await utimes(lock, new Date(0), new Date(0));
  await addTask(path, NEW);
  assert.match(await readFile(path, 'utf8'), /id: new/);
});

test('tasks added by several processes at once are all there', async (t) => {
  const path = await roadmapFile(t, 'tasks: []\n');
  const url = new URL('../../src/adapters/yaml/roadmap-editor.ts', import.meta.url).href;
  const workers = [1, 2, 3].map(
    (n) =>
      new Worker(
        `const { parentPort, workerData: w } = require('node:worker_threads');
         import(w.url).then(async ({ RoadmapEditor }) => {
           const editor = new RoadmapEditor(w.path, 'roadmap.yaml', async () => {});
           for (let i = 0; i < 4; i++) {
             await editor.edit({ kind: 'add', id: 't' + w.n + '-' + i, fields: { title: 'T' } });
           }
           parentPort.postMessage('done');
         });`,
        { eval: true, workerData: { url, path, n } },
      ),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  await Promise.all(workers.map((worker) => worker.terminate()));
  const { plan } = await loadRoadmap(path);
  assert.equal(plan.tasks.length, 12);
});
