import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type E2eProject, makeProject } from './project.ts';

const QUICK = { roadmap: { debounceMs: 50, stabilityMs: 50, pollMs: 100, safetyMs: 1_000 } } as const;

const writes = (file: string) => ({ write: file, text: `${file}\n` });

/** Saves the roadmap and waits until the run has taken it. */
async function edit(project: E2eProject, roadmap: object, taken: (types: readonly string[]) => boolean) {
  const last = (await project.events()).at(-1)?.seq ?? 0;
  project.roadmap(roadmap);
  const limit = AbortSignal.timeout(30_000);
  for (;;) {
    const events = (await project.events()).filter(({ seq }) => seq > last);
    if (taken(events.map(({ type, task }) => `${type} ${task ?? ''}`.trim()))) return events;
    limit.throwIfAborted();
  }
}

const has = (wanted: string) => (types: readonly string[]) => types.includes(wanted);

test('S0-02 S0-15 S0-22 S0-54 a roadmap that is edited during a run in every way', async () => {
  await using project = await makeProject({
    config: {
      ...QUICK,
      maxAgents: 4,
      agents: {
        painter: { provider: 'scripted', systemPrompt: 'You paint.', tools: ['read', 'edit', 'shell'] },
      },
    },
    roadmap: {
      tasks: [
        { id: 'prompted', title: 'Prompted', prompt: 'Paint it red' },
        { id: 'renamed', title: 'Renamed', prompt: 'Keep my work' },
        { id: 'drained', title: 'Drained', prompt: 'Finish me' },
        { id: 'later', title: 'Later', prompt: 'The older text', depends_on: ['prompted'] },
        { id: 'dropped', title: 'Dropped', prompt: 'Never begun', depends_on: ['prompted'] },
        { id: 'called-off', title: 'Called off', prompt: 'Not wanted', depends_on: ['prompted'] },
        { id: 'by-hand', title: 'By hand', prompt: 'A person did it', depends_on: ['prompted'] },
        { id: 'freed', title: 'Freed', prompt: 'Needs nobody', depends_on: ['prompted'] },
        { id: 'old-name', title: 'Old name', prompt: 'Under a new id', depends_on: ['prompted'] },
      ],
    },
    script: {
      prompted: [[writes('red.txt'), { waitFor: 'prompted' }], [writes('blue.txt')]],
      renamed: [[writes('kept.txt'), { waitFor: 'renamed' }]],
      drained: [[writes('drained.txt'), { waitFor: 'drained' }]],
    },
  });
  const run = await project.start(['run', '--plain']);
  await project.untilRecord((record) => record.filter(({ kind }) => kind === 'start').length === 3);

  const next = {
    tasks: [
      { id: 'prompted', title: 'Prompted', prompt: 'Paint it blue' },
      { id: 'new-id', was: 'renamed', title: 'Renamed', prompt: 'Keep my work' },
      { id: 'later', title: 'Later', prompt: 'The newer text', agent: 'painter', depends_on: ['prompted'] },
      {
        id: 'called-off',
        title: 'Called off',
        prompt: 'Not wanted',
        status: 'cancelled',
        depends_on: ['prompted'],
      },
      {
        id: 'by-hand',
        title: 'By hand',
        prompt: 'A person did it',
        status: 'done',
        depends_on: ['prompted'],
      },
      { id: 'freed', title: 'Freed', prompt: 'Needs nobody' },
      {
        id: 'new-name',
        was: 'old-name',
        title: 'Old name',
        prompt: 'Under a new id',
        depends_on: ['prompted'],
      },
      { id: 'added', title: 'Added', prompt: 'Came during the run', depends_on: ['new-id'] },
    ],
  };
  const events = await edit(project, next, has('task.edited prompted'));
  const synced = events.find(({ type }) => type === 'roadmap.synced');
  assert.deepEqual(synced?.['added'], ['added']);
  assert.deepEqual(synced?.['removed'], ['drained', 'dropped']);
  assert.deepEqual(synced?.['renamed'], [{ from: 'old-name', to: 'new-name' }]);
  const edited = events.find(({ type }) => type === 'task.edited');
  assert.deepEqual([edited?.['fields'], edited?.['stale']], [['prompt'], true]);
  assert.match(
    (await project.cw(['status'])).stdout,
    /prompted was edited: prompt; its agent is told at its next turn/,
  );
  await project.untilRecord((record) =>
    record.some(({ kind, task }) => kind === 'start' && task === 'freed'),
  );

  for (const name of ['drained', 'renamed', 'prompted']) project.allow(name);
  const { code, stdout, stderr } = await run.end;
  assert.equal(code, 0, stdout + stderr);

  const told = project.starts('prompted')[1]?.prompt ?? '';
  assert.match(told, /The task was edited[\s\S]*Paint it red[\s\S]*It is now:[\s\S]*Paint it blue/);
  assert.equal(project.starts('later').length, 1);
  assert.match(project.starts('later')[0]?.prompt ?? '', /The newer text/);
  assert.equal(project.starts('later')[0]?.role, 'painter');
  assert.equal(project.starts('renamed').length + project.starts('new-id').length, 1, 'nothing ran twice');
  for (const task of ['dropped', 'called-off', 'by-hand', 'old-name']) {
    assert.equal(project.starts(task).length, 0, task);
  }

  const tasks = await project.tasks();
  assert.deepEqual(Object.fromEntries(Object.values(tasks).map(({ id, state }) => [id, state])), {
    prompted: 'done',
    'new-id': 'done',
    later: 'done',
    'called-off': 'cancelled',
    'by-hand': 'done',
    freed: 'done',
    'new-name': 'done',
    added: 'done',
  });
  const all = await project.events();
  assert.ok(all.some(({ type, task }) => type === 'task.renamed' && task === 'new-id'));
  assert.ok(all.some(({ type, task }) => type === 'task.refreshed' && task === 'prompted'));
  assert.ok(all.some(({ type, task }) => type === 'task.archived' && task === 'drained'));
  const merged = project.repo.git('ls-tree', '--name-only', 'cw/integration').split('\n');
  const made = [
    'added.txt',
    'blue.txt',
    'drained.txt',
    'freed.txt',
    'kept.txt',
    'later.txt',
    'new-name.txt',
    'red.txt',
  ];
  assert.deepEqual(
    made.filter((file) => !merged.includes(file)),
    [],
    'the merged tree holds what each made',
  );
  assert.equal(project.repo.git('fsck', '--no-dangling', '--no-progress'), '');
});

test('S0-54 S0-55 with onRemoved cancel an agent is stopped, and a file that loses most tasks waits', async () => {
  const open = ['b', 'c', 'd'].map((id) => ({ id, title: id, prompt: `Do ${id}`, depends_on: ['gate'] }));
  await using project = await makeProject({
    config: { ...QUICK, roadmap: { ...QUICK.roadmap, onRemoved: 'cancel' } },
    roadmap: {
      tasks: [
        { id: 'gate', title: 'Gate', prompt: 'Wait' },
        { id: 'a', title: 'A', prompt: 'Do a' },
        ...open,
      ],
    },
    script: { gate: [[{ waitFor: 'gate' }, writes('gate.txt')]], a: [[writes('a.txt'), { hang: true }]] },
  });
  const run = await project.start(['run', '--plain']);
  await project.untilRecord((record) => record.filter(({ kind }) => kind === 'start').length === 2);

  const gate = { id: 'gate', title: 'Gate', prompt: 'Wait' };
  const held = await edit(project, { tasks: [gate] }, has('roadmap.held'));
  assert.deepEqual(held.find(({ type }) => type === 'roadmap.held')?.['removed'], ['a', 'b', 'c', 'd']);
  assert.equal((await project.tasks())['a']?.state, 'running', 'nothing of it happened');
  await edit(project, { tasks: [gate, ...open] }, has('task.archived a'));

  project.roadmap({ tasks: [gate] });
  const confirmed = await project.cw(['roadmap', 'confirm']);
  assert.equal(confirmed.code, 0, confirmed.stderr);
  project.allow('gate');
  const { code, stdout, stderr } = await run.end;
  assert.equal(code, 0, stdout + stderr);
  assert.deepEqual(Object.keys(await project.tasks()), ['gate']);
  assert.equal(project.starts('b').length, 0);
  const kept = join(project.repo.root, '.codewalk', 'worktrees', 'a', 'a.txt');
  assert.ok(
    existsSync(kept) && readFileSync(kept, 'utf8') === 'a.txt\n',
    'what the agent made is still there',
  );
  assert.match(project.repo.git('ls-tree', '--name-only', 'cw/a'), /a\.txt/);
});
