import assert from 'node:assert/strict';
import { test } from 'node:test';
import { did, type FakeTurn, rejected } from '../support/fake-backend.ts';
import { Rig, task } from './rig.ts';

const DIAMOND = [
  task('base'),
  task('left', { needs: ['base'] }),
  task('right', { needs: ['base'] }),
  task('top', { needs: ['left', 'right'] }),
];

test('S3-32 a plan runs to merged tasks, each after what it depends on', async () => {
  await using rig = await Rig.open({ tasks: DIAMOND, agent: () => did('made') });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(await rig.states(), { base: 'done', left: 'done', right: 'done', top: 'done' });
  assert.equal(rig.repo.merged[0], 'base');
  assert.equal(rig.repo.merged[3], 'top');
  assert.equal(rig.repo.merged.length, 4);
  assert.equal(rig.repo.open.size, 0);
});

test('S3-33 never more agents at once than allowed, and as many when there is work', async () => {
  let now = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const agent = async () => {
    now += 1;
    most = Math.max(most, now);
    if (now === 3) gate.resolve();
    await gate.promise;
    now -= 1;
    return did('made');
  };
  const tasks = Array.from({ length: 10 }, (_, index) => task(`t${index}`));
  await using rig = await Rig.open({ tasks, agent, maxAgents: 3 });
  await rig.run();
  assert.equal(most, 3);
});

test('S3-67 a ready task does not wait for a slow sibling', async () => {
  const after = Promise.withResolvers<void>();
  const agent = async ({ task }: FakeTurn) => {
    if (task === 'slow') await after.promise;
    if (task === 'next') after.resolve();
    return did('made');
  };
  const tasks = [task('slow'), task('quick'), task('next', { needs: ['quick'] })];
  await using rig = await Rig.open({ tasks, agent, maxAgents: 2 });
  await rig.run();
  assert.deepEqual(rig.repo.merged, ['quick', 'next', 'slow']);
});

test('S3-61 S3-69 a task that fails for good blocks its dependents, and the others go on', async () => {
  const agent = ({ task }: FakeTurn) =>
    task === 'bad'
      ? { kind: 'permanent' as const, reason: 'no such model', cause: 'request' as const }
      : did('made');
  const tasks = [
    task('bad'),
    task('after', { needs: ['bad'] }),
    task('last', { needs: ['after'] }),
    task('other'),
  ];
  await using rig = await Rig.open({ tasks, agent });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(await rig.states(), { bad: 'failed', after: 'blocked', last: 'blocked', other: 'done' });
});

test('S3-26 a soft failure lets dependents run, a skipped one counts as success', async () => {
  const agent = ({ task }: FakeTurn) =>
    task.startsWith('bad')
      ? { kind: 'permanent' as const, reason: 'no such model', cause: 'config' as const }
      : did('made');
  const tasks = [
    task('bad-soft', { onFailure: 'soft' }),
    task('bad-skip', { onFailure: 'skip' }),
    task('after', { needs: ['bad-soft', 'bad-skip'] }),
  ];
  await using rig = await Rig.open({ tasks, agent });
  await rig.run();
  assert.deepEqual(await rig.states(), { 'bad-soft': 'failed', 'bad-skip': 'skipped', after: 'done' });
});

test('S3-56 a transient failure is tried again in the same session and then succeeds', async () => {
  let calls = 0;
  const agent = () => (++calls < 3 ? { kind: 'transient' as const, reason: '529' } : did('made'));
  await using rig = await Rig.open({ tasks: [task('a')], agent });
  await rig.run();
  assert.deepEqual(await rig.states(), { a: 'done' });
  assert.deepEqual(
    rig.backend.turns.map(({ attempt, session }) => [attempt, session]),
    [
      [1, undefined],
      [2, 's1'],
      [3, 's1'],
    ],
  );
});

test('S0-h a task that keeps failing stops at its limit of attempts', async () => {
  const agent = () => ({ kind: 'transient' as const, reason: '529' });
  await using rig = await Rig.open({ tasks: [task('a', { maxAttempts: 2 })], agent });
  await rig.run();
  assert.deepEqual(await rig.states(), { a: 'failed' });
  assert.equal(rig.backend.turns.length, 2);
});

test('S3-57 a permanent failure is not tried again', async () => {
  const agent = () => ({ kind: 'permanent' as const, cause: 'request' as const, reason: 'Bad request' });
  await using rig = await Rig.open({ tasks: [task('a')], agent });
  await rig.run();
  assert.equal(rig.backend.turns.length, 1);
  assert.equal((await rig.store.task(task('a').id))?.reason, 'Bad request');
});

test('S2-58 a worktree that cannot be made fails the task before any agent starts', async () => {
  const onOpen = () => {
    throw new Error('disk full');
  };
  await using rig = await Rig.open({ tasks: [task('a')], agent: () => did('made'), repo: { onOpen } });
  await rig.run();
  assert.deepEqual(await rig.states(), { a: 'failed' });
  assert.equal(rig.backend.turns.length, 0);
});

test('S2-59 an agent gets what its predecessors left and the exit criteria of its task', async () => {
  const tasks = [task('base'), task('top', { needs: ['base'], exitCriteria: ['it is fast'] })];
  await using rig = await Rig.open({ tasks, agent: ({ task }) => did(`summary of ${task}`) });
  await rig.run();
  const prompt = rig.backend.turns.find((turn) => turn.task === 'top')?.prompt ?? '';
  assert.match(prompt, /summary of base/);
  assert.match(prompt, /it is fast/);
});

test('S3-31 work goes from coder to reviewer to tester, back on a rejection, in the same session', async () => {
  let reviews = 0;
  const agent = ({ role }: FakeTurn) =>
    role === 'reviewer' && ++reviews === 1 ? rejected('line 3 is wrong') : did(`${role} says yes`);
  const { agent: _, ...plain } = task('a', { workflow: 'standard' });
  await using rig = await Rig.open({ tasks: [plain], agent });
  await rig.run();
  assert.deepEqual(
    rig.backend.turns.map(({ role }) => role),
    ['coder', 'reviewer', 'coder', 'reviewer', 'tester'],
  );
  assert.equal(rig.backend.turns[2]?.session, 's1');
  assert.match(rig.backend.turns[2]?.prompt ?? '', /line 3 is wrong/);
  assert.deepEqual(await rig.states(), { a: 'done' });
});

for (const remembers of [true, false]) {
  const told = remembers ? 'is told only what is new' : 'is told the task again';
  test(`an agent that ${remembers ? 'remembers' : 'forgets'} its session ${told} when work comes back`, async () => {
    let reviews = 0;
    const agent = ({ role }: FakeTurn) =>
      role === 'reviewer' && ++reviews === 1 ? rejected('line 3 is wrong') : did('yes');
    const { agent: _, ...plain } = task('a', { workflow: 'standard' });
    await using rig = await Rig.open({ tasks: [plain], agent, remembers });
    await rig.run();
    assert.equal(rig.backend.turns[2]?.prompt.includes('Do a'), !remembers);
  });
}

test('a reviewer that gives no verdict never approves', async () => {
  const agent = ({ role }: FakeTurn) =>
    role === 'reviewer' ? { kind: 'success' as const, text: 'Looks good to me!' } : did('made');
  const { agent: _, ...plain } = task('a', { workflow: 'standard' });
  await using rig = await Rig.open({ tasks: [plain], agent });
  await rig.run();
  assert.deepEqual(await rig.states(), { a: 'failed' });
  assert.deepEqual(rig.repo.merged, []);
});

test("S1-59 the tester's verdict counts only after the project's own command passed", async () => {
  let runs = 0;
  const verify = () => (++runs === 1 ? 1 : 0);
  const { agent: _, ...plain } = task('a', { workflow: 'standard', verify: 'npm test' });
  await using rig = await Rig.open({ tasks: [plain], agent: () => did('made'), repo: { verify } });
  await rig.run();
  // The first check failed without asking the tester; the second passed, and the third ran on the merged tree.
  assert.deepEqual(
    rig.backend.turns.map(({ role }) => role),
    ['coder', 'reviewer', 'coder', 'reviewer', 'tester'],
  );
  assert.equal(runs, 3);
  assert.deepEqual(await rig.states(), { a: 'done' });
});

test('an agent and a workflow that the config does not have fail the task by name', async () => {
  const tasks = [task('a', { agent: 'codr' }), task('b', { workflow: 'nope' })];
  await using rig = await Rig.open({ tasks, agent: () => did('made') });
  await rig.run();
  assert.deepEqual(await rig.states(), { a: 'failed', b: 'failed' });
  assert.match((await rig.store.task(task('a').id))?.reason ?? '', /agent "codr"/);
});
