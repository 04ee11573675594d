import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskDefinition } from '../../src/core/roadmap/model.ts';
import { buildPlan } from '../../src/core/roadmap/plan.ts';
import { did, type FakeTurn, rejected } from '../support/fake-backend.ts';
import { Rig, task } from './rig.ts';

let edition = 1;

/** A person saves the roadmap with these tasks. */
async function edit(rig: Rig, ...tasks: TaskDefinition[]): Promise<void> {
  const plan = buildPlan({ initiatives: [], phases: [], plans: [], tasks });
  await rig.store.sync(plan, { path: 'roadmap.yaml', hash: `edit-${++edition}` });
}

const kinds = async (rig: Rig) =>
  (await rig.events('step.started')).flatMap((event) => (event.type === 'step.started' ? event.kind : []));

test('S0-15 S0-22 a prompt edited during the last turn sends the work back to its agent once, with both texts', async () => {
  let rig: Rig | undefined;
  const agent = async () => {
    if (rig !== undefined && turns(rig) === 1) await edit(rig, task('a', { prompt: 'Do it in blue' }));
    return did('made');
  };
  await using opened = await Rig.open({ tasks: [task('a', { prompt: 'Do it in red' })], agent });
  rig = opened;
  await rig.run();
  assert.deepEqual(await kinds(rig), ['work', 'edited']);
  const prompt = rig.backend.turns[1]?.prompt ?? '';
  assert.match(prompt, /The task was edited/);
  assert.match(prompt, /### prompt[^#]*Do it in red[^#]*It is now:[^#]*Do it in blue/);
  assert.equal(rig.backend.turns[1]?.session, 's1', 'in the same conversation');
  const [edited] = await rig.events('task.edited');
  assert.deepEqual(edited?.type === 'task.edited' && [edited.fields, edited.stale], [['prompt'], true]);
  assert.equal((await rig.events('task.refreshed')).length, 1);
  assert.deepEqual(rig.repo.merged, ['a']);
  assert.deepEqual((await rig.store.task(task('a').id))?.stale, []);
});

const turns = (rig: Rig): number => rig.backend.turns.length;

const REVIEWED = {
  workflows: {
    reviewed: {
      steps: [
        { agent: 'coder', maxRounds: 1, verify: false },
        { agent: 'reviewer', onReject: 'coder', maxRounds: 3, verify: false },
      ],
    },
  },
};

const reviewed = (part: Partial<TaskDefinition>): TaskDefinition => {
  const { agent: _, ...rest } = task('a', part);
  return { ...rest, workflow: 'reviewed' };
};

test('work that was reviewed by an older text goes back, and is reviewed again', async () => {
  let rig: Rig | undefined;
  const agent = async ({ role }: FakeTurn) => {
    if (rig !== undefined && role === 'reviewer' && turns(rig) === 2)
      await edit(rig, reviewed({ exitCriteria: ['It is blue'] }));
    return did('fine');
  };
  await using opened = await Rig.open({ tasks: [reviewed({})], agent, config: REVIEWED });
  rig = opened;
  await rig.run();
  assert.deepEqual(await kinds(rig), ['work', 'review', 'edited', 'review']);
  assert.deepEqual(rig.repo.merged, ['a']);
});

test('an agent that works anyway is told what changed without a step of its own', async () => {
  let rig: Rig | undefined;
  const agent = async ({ role }: FakeTurn) => {
    if (rig === undefined || role !== 'reviewer' || turns(rig) !== 2) return did('fine');
    await edit(rig, reviewed({ title: 'Another title', files: ['src/**'] }));
    return rejected('More tests');
  };
  await using opened = await Rig.open({ tasks: [reviewed({})], agent, config: REVIEWED });
  rig = opened;
  await rig.run();
  assert.deepEqual(await kinds(rig), ['work', 'review', 'fix', 'review']);
  assert.match(
    rig.backend.turns[2]?.prompt ?? '',
    /### title[^#]*Title of a[^#]*Another title[\s\S]*### files/,
  );
});

test('what the work is not judged by is no reason for another turn', async () => {
  let rig: Rig | undefined;
  const agent = async () => {
    if (rig !== undefined) await edit(rig, task('a', { files: ['src/**'], priority: 75 }), task('b'));
    return did('made');
  };
  await using opened = await Rig.open({ tasks: [task('a')], agent, maxAgents: 1 });
  rig = opened;
  await rig.run();
  assert.deepEqual(await kinds(rig), ['work', 'work']);
  assert.deepEqual(rig.repo.merged, ['a', 'b']);
});

test('S0-22 a task that was edited before its first turn is only ever seen as it is now', async () => {
  let rig: Rig | undefined;
  const onOpen = async () => {
    if (rig !== undefined) await edit(rig, task('a', { prompt: 'The newer text' }));
  };
  await using opened = await Rig.open({
    tasks: [task('a', { prompt: 'The older text' })],
    agent: () => did('made'),
    repo: { onOpen },
  });
  rig = opened;
  await rig.run();
  assert.equal(turns(rig), 1);
  assert.match(rig.backend.turns[0]?.prompt ?? '', /The newer text/);
  assert.doesNotMatch(rig.backend.turns[0]?.prompt ?? '', /The older text/);
});

test('S0-54 a task at work that left the roadmap is stopped when the project wants that', async () => {
  const started = Promise.withResolvers<void>();
  const agent = async ({ task: id, signal }: FakeTurn) => {
    if (id !== 'a') return did('made');
    started.resolve();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return { kind: 'killed' as const, byUs: true, reason: '' };
  };
  await using rig = await Rig.open({ tasks: [task('a'), task('b'), task('c')], agent });
  const run = rig.run();
  await started.promise;
  const plan = buildPlan({ initiatives: [], phases: [], plans: [], tasks: [task('b'), task('c')] });
  await rig.store.sync(plan, { path: 'roadmap.yaml', hash: 'gone' }, { onRemoved: 'cancel' });
  await run;
  assert.equal((await rig.store.task(task('a').id))?.state, 'archived');
  assert.deepEqual(rig.repo.merged.toSorted(), ['b', 'c']);
});

test('a time limit that is edited during the attempt holds at once', async () => {
  const started = Promise.withResolvers<void>();
  const agent = async ({ attempt, signal }: FakeTurn) => {
    if (attempt > 1) return did('made');
    started.resolve();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return { kind: 'killed' as const, byUs: true, reason: '' };
  };
  await using rig = await Rig.open({ tasks: [task('a', { timeoutMs: 600_000 })], agent });
  const run = rig.run();
  await started.promise;
  await edit(rig, task('a', { timeoutMs: 1_000 }));
  await run;
  const [retried] = await rig.events('task.retried');
  assert.match(retried?.type === 'task.retried' ? retried.reason : '', /1000 ms \(timeout\)/);
});
