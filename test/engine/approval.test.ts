import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskDefinition } from '../../src/core/roadmap/model.ts';
import { buildPlan } from '../../src/core/roadmap/plan.ts';
import { decideAnswer } from '../../src/core/tasks/commands.ts';
import { did, type FakeTurn, rejected } from '../support/fake-backend.ts';
import { Rig, task } from './rig.ts';

const gated = (id: string, part: Partial<TaskDefinition> = {}) => task(id, { approve: true, ...part });

/** A person answers the one question that is open. */
async function answer(rig: Rig, text: string): Promise<void> {
  const open = await rig.store.questions({ open: true });
  assert.equal(open.length, 1);
  const [question] = open;
  const outcome = await rig.store.command(question?.task ?? task('a').id, (current) =>
    decideAnswer(current, { open, questionId: undefined, answer: text, by: 'person' }),
  );
  assert.equal(outcome.kind, 'recorded');
}

const kinds = async (rig: Rig) =>
  (await rig.events('step.started')).flatMap((event) => (event.type === 'step.started' ? event.kind : []));

test('S2-40 finished work waits for a person to approve it, and is merged after that alone', async () => {
  await using rig = await Rig.open({ tasks: [gated('a'), task('b')], agent: () => did('made it') });
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  assert.deepEqual([await rig.states(), rig.repo.merged], [{ a: 'waiting_input', b: 'done' }, ['b']]);
  const [question] = await rig.store.questions({ open: true });
  assert.deepEqual([question?.id, question?.kind, question?.stage], ['approve-1', 'approval', 'person']);
  assert.match(question?.question ?? '', /May the work of a \(Title of a\) be merged\?[\s\S]*made it/);
  assert.match(question?.question ?? '', /1 file, \+1 -0[\s\S]*cw task diff a/);
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  assert.deepEqual(rig.repo.merged, ['b'], 'another run changes nothing');
  await answer(rig, 'approve');
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(rig.repo.merged, ['b', 'a']);
  assert.equal(rig.backend.turns.length, 2, 'nobody worked again');
});

test('work that is rejected goes back to the session that made it, with the reason, and is asked about again', async () => {
  let made = 0;
  await using rig = await Rig.open({
    tasks: [gated('a')],
    agent: () => did(`made ${++made}`),
    repo: { work: () => `work ${made}` },
  });
  await rig.run();
  await answer(rig, 'reject: Use integers for money');
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  assert.deepEqual(await kinds(rig), ['work', 'fix']);
  assert.equal(rig.backend.turns[1]?.session, 's1');
  assert.match(rig.backend.turns[1]?.prompt ?? '', /What has to change\n\nUse integers for money/);
  const [question] = await rig.store.questions({ open: true });
  assert.equal(question?.id, 'approve-2');
  await answer(rig, 'reject: And name it');
  await rig.run();
  assert.match(rig.backend.turns[2]?.prompt ?? '', /And name it/);
  assert.doesNotMatch(rig.backend.turns[2]?.prompt ?? '', /integers/);
  await answer(rig, 'approve: fine');
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual([await kinds(rig), rig.repo.merged], [['work', 'fix', 'fix'], ['a']]);
});

test('an answer that neither approves nor rejects is refused, and so is a rejection without a reason', async () => {
  await using rig = await Rig.open({ tasks: [gated('a')], agent: () => did('made') });
  await rig.run();
  const open = await rig.store.questions({ open: true });
  for (const text of ['looks fine', 'reject', '2', 'approving nothing']) {
    const outcome = await rig.store.command(task('a').id, (current) =>
      decideAnswer(current, { open, questionId: undefined, answer: text, by: 'person' }),
    );
    assert.equal(outcome.kind, 'refused', text);
  }
  await answer(rig, '1');
  await rig.run();
  assert.deepEqual(rig.repo.merged, ['a']);
});

test('work that changed after its approval is asked about again: a conflict that was resolved', async () => {
  let merges = 0;
  let turns = 0;
  const conflicts = () => (++merges <= 2 ? ['src/a.ts'] : []);
  await using rig = await Rig.open({
    tasks: [gated('a')],
    agent: () => did(`made ${++turns}`),
    repo: { conflicts, work: () => `work ${turns}` },
  });
  await rig.run();
  await answer(rig, 'approve');
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  assert.deepEqual([await kinds(rig), rig.repo.merged], [['work', 'conflict'], []]);
  await answer(rig, 'approve');
  await rig.run();
  assert.deepEqual(rig.repo.merged, ['a']);
});

test('work is not asked about again when only work of others was brought in', async () => {
  let merges = 0;
  // The merge conflicts once, and what is brought in does not.
  const conflicts = () => (++merges === 1 ? ['src/a.ts'] : []);
  await using rig = await Rig.open({ tasks: [gated('a')], agent: () => did('made'), repo: { conflicts } });
  await rig.run();
  await answer(rig, 'approve');
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual([await kinds(rig), rig.repo.merged], [['work'], ['a']]);
});

test('a task that is edited after its approval is worked on and asked about again', async () => {
  let turns = 0;
  await using rig = await Rig.open({
    tasks: [gated('a')],
    agent: () => did(`made ${++turns}`),
    repo: { work: () => `work ${turns}` },
  });
  await rig.run();
  await answer(rig, 'approve');
  await edit(rig, gated('a', { prompt: 'Do it in blue' }));
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  assert.deepEqual([await kinds(rig), rig.repo.merged], [['work', 'edited'], []]);
});

test('an approval that a task is given while its check runs is asked for before the merge', async () => {
  let rig: Rig | undefined;
  const verify = async () => {
    if (rig !== undefined) await edit(rig, gated('a', { verify: 'npm test' }));
    return 0;
  };
  await using opened = await Rig.open({
    tasks: [task('a', { verify: 'npm test' })],
    agent: () => did('made'),
    repo: { verify },
  });
  rig = opened;
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  assert.deepEqual(rig.repo.merged, []);
});

test('a task that begins anew needs a new approval', async () => {
  await using rig = await Rig.open({ tasks: [gated('a')], agent: () => did('made') });
  await rig.run();
  await answer(rig, 'approve');
  const id = task('a').id;
  await rig.store.command(id, () => [{ type: 'task.cancelled', task: id, by: 'person' }]);
  await rig.store.command(id, () => [{ type: 'task.reset', task: id, by: 'person' }]);
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  assert.deepEqual(rig.repo.merged, []);
});

const STEPPED = {
  workflows: {
    stepped: {
      steps: [
        { agent: 'coder', maxRounds: 1, verify: false, approve: true },
        { agent: 'reviewer', onReject: 'coder', maxRounds: 3, verify: false },
      ],
    },
  },
};

test('a step that wants an approval holds up the next one, again after each rejection of a review', async () => {
  let turns = 0;
  const { agent: _, ...stepped } = task('a', { workflow: 'stepped' });
  const agent = ({ role }: FakeTurn) => {
    turns += 1;
    return role === 'reviewer' && turns === 2 ? rejected('More tests') : did('fine');
  };
  let made = 0;
  await using rig = await Rig.open({
    tasks: [stepped],
    agent: (turn) => {
      if (turn.role === 'coder') made += 1;
      return agent(turn);
    },
    repo: { work: () => `work ${made}` },
    config: STEPPED,
  });
  await rig.run();
  assert.deepEqual(await kinds(rig), ['work']);
  assert.match((await rig.store.questions({ open: true }))[0]?.question ?? '', /be given to reviewer\?/);
  await answer(rig, 'approve');
  await rig.run();
  assert.deepEqual(await kinds(rig), ['work', 'review', 'fix']);
  await answer(rig, 'approve');
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual([await kinds(rig), rig.repo.merged], [['work', 'review', 'fix', 'review'], ['a']]);
});

let edition = 1;

/** A person saves the roadmap with these tasks. */
async function edit(rig: Rig, ...tasks: TaskDefinition[]): Promise<void> {
  const plan = buildPlan({ initiatives: [], phases: [], plans: [], tasks });
  await rig.store.sync(plan, { path: 'roadmap.yaml', hash: `edit-${++edition}` });
}

test('no new task begins while so many wait for an approval as the limit of the config allows', async () => {
  await using rig = await Rig.open({
    tasks: ['a', 'b', 'c', 'd'].map((id) => gated(id)),
    agent: () => did('made'),
    maxAgents: 1,
    config: { review: { maxWaiting: 2 } },
  });
  const end = await rig.run();
  assert.deepEqual(end.kind === 'waiting' && end.holds, [
    { kind: 'review', waiting: 2, limit: 2, tasks: ['c', 'd'] },
  ]);
  assert.deepEqual(Object.values(await rig.states()), [
    'waiting_input',
    'waiting_input',
    'pending',
    'pending',
  ]);
  const open = await rig.store.questions({ open: true });
  await rig.store.command(task('a').id, () => [
    {
      type: 'task.answered',
      task: task('a').id,
      question: open[0]?.id ?? '',
      answer: 'reject: no',
      by: 'person',
    },
  ]);
  await rig.run();
  assert.deepEqual(
    (await rig.events('step.started')).map((event) => 'task' in event && event.task),
    ['a', 'b', 'a'],
    'one that was begun goes on, in the place of a new one',
  );
});
