import assert from 'node:assert/strict';
import { test } from 'node:test';
import { did } from '../support/fake-backend.ts';
import { Rig, task } from './rig.ts';

test('S2-47 a conflict goes back to the same session with the files, and then merges', async () => {
  let merges = 0;
  // Asked by the merge, and when the worktree gets the other side.
  const conflicts = () => (++merges <= 2 ? ['src/a.ts'] : []);
  await using rig = await Rig.open({ tasks: [task('a')], agent: () => did('made'), repo: { conflicts } });
  await rig.run();
  assert.deepEqual(await rig.states(), { a: 'done' });
  const [, second] = rig.backend.turns;
  assert.equal(second?.session, 's1');
  assert.match(second?.prompt ?? '', /src\/a\.ts/);
  const [event] = await rig.events('merge.conflicted');
  assert.deepEqual(event?.type === 'merge.conflicted' && [event.files, event.bounce], [['src/a.ts'], 1]);
});

test('a worktree that cannot be removed after its merge changes nothing for the task or the run', async () => {
  const onRelease = (id: string) => {
    if (id === 'a') throw new Error('EBUSY: a file of it is in use');
  };
  const tasks = [task('a'), task('b', { needs: ['a'] })];
  await using rig = await Rig.open({ tasks, agent: () => did('made'), repo: { onRelease } });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(await rig.states(), { a: 'done', b: 'done' });
  assert.deepEqual(rig.repo.merged, ['a', 'b']);
});

test('a conflict that the agent cannot resolve in three tries becomes a question to a person', async () => {
  const conflicts = () => ['src/a.ts'];
  const tasks = [task('a'), task('other', { needs: [] })];
  const repo = { conflicts: (id: string) => (id === 'a' ? conflicts() : []) };
  await using rig = await Rig.open({ tasks, agent: () => did('made'), repo });
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  assert.deepEqual(await rig.states(), { a: 'waiting_input', other: 'done' });
  assert.equal(rig.backend.turns.filter(({ task }) => task === 'a').length, 4);
  const [question] = await rig.store.questions({ open: true });
  assert.match(question?.question ?? '', /src\/a\.ts/);
});

test('a check that fails on the merged tree sends the work back with its output', async () => {
  let runs = 0;
  const verify = () => (++runs === 1 ? 7 : 0);
  const tasks = [task('a', { verify: 'npm test' })];
  await using rig = await Rig.open({ tasks, agent: () => did('made'), repo: { verify } });
  await rig.run();
  assert.deepEqual(await rig.states(), { a: 'done' });
  assert.match(rig.backend.turns[1]?.prompt ?? '', /npm test` exited with 7[\s\S]*checked/);
  assert.equal(rig.repo.merged.length, 1);
});

test('a check that keeps failing on the merged tree fails the task, and nothing becomes visible', async () => {
  const tasks = [task('a', { verify: 'npm test' })];
  await using rig = await Rig.open({ tasks, agent: () => did('made'), repo: { verify: () => 1 } });
  await rig.run();
  assert.deepEqual(await rig.states(), { a: 'failed' });
  assert.deepEqual(rig.repo.merged, []);
  assert.deepEqual(rig.repo.released, []);
});

test('S3-37 a conflict in one task does not stop the others', async () => {
  const repo = { conflicts: (id: string) => (id === 'a' ? ['x'] : []) };
  const tasks = [task('a'), task('b'), task('c', { needs: ['b'] })];
  await using rig = await Rig.open({ tasks, agent: () => did('made'), repo, config: {} });
  await rig.run();
  assert.deepEqual(await rig.states(), { a: 'waiting_input', b: 'done', c: 'done' });
});

test('merges of many tasks at once each enter the branch once', async () => {
  const tasks = Array.from({ length: 20 }, (_, index) => task(`t${index}`));
  await using rig = await Rig.open({ tasks, agent: () => did('made'), maxAgents: 8 });
  await rig.run();
  assert.deepEqual([...rig.repo.merged].sort(), tasks.map(({ id }) => id).sort());
});

test('markers that an agent leaves behind are never merged', async () => {
  let merges = 0;
  let looks = 0;
  const conflicts = () => (++merges <= 2 ? ['src/a.ts'] : []);
  const unresolved = () => (++looks === 1 ? ['src/a.ts'] : []);
  await using rig = await Rig.open({
    tasks: [task('a')],
    agent: () => did('made'),
    repo: { conflicts, unresolved },
  });
  await rig.run();
  const bounces = await rig.events('merge.conflicted');
  assert.deepEqual(
    bounces.map((event) => event.type === 'merge.conflicted' && event.bounce),
    [1, 2],
  );
  assert.equal(rig.backend.turns.length, 3);
  assert.deepEqual(await rig.states(), { a: 'done' });
});

test('a conflict step that was interrupted is taken up again with its files, and then merges', async () => {
  let merges = 0;
  const conflicts = () => (++merges <= 2 ? ['src/a.ts'] : []);
  let turns = 0;
  const agent = () => (++turns === 2 ? { kind: 'transient' as const, reason: '529' } : did('made'));
  await using rig = await Rig.open({ tasks: [task('a')], agent, repo: { conflicts } });
  await rig.run();
  assert.deepEqual(await rig.states(), { a: 'done' });
  assert.match(rig.backend.turns[2]?.prompt ?? '', /src\/a\.ts/);
  assert.equal(rig.backend.turns.length, 3);
});

test('the intent of a merge is never recorded before the merge whose result it builds on', async () => {
  const tasks = Array.from({ length: 12 }, (_, index) => task(`t${index}`));
  await using rig = await Rig.open({ tasks, agent: () => did('made') });
  await rig.run();
  const facts = await rig.store.events(0, { types: ['merge.intended', 'merge.done'] });
  const expected = rig.repo.merged.flatMap((id) => [`merge.intended ${id}`, `merge.done ${id}`]);
  assert.deepEqual(
    facts.map((fact) => `${fact.type} ${'task' in fact ? fact.task : ''}`),
    expected,
  );
});

test('S3-52 a merge whose answer is lost after the branch moved is done, not failed', async () => {
  await using rig = await Rig.open({ tasks: [task('a', { maxAttempts: 1 })], agent: () => did('made') });
  const { advance } = rig.repo.integration;
  Object.assign(rig.repo.integration, {
    advance: async (...args: Parameters<typeof advance>) => {
      await advance(...args);
      throw new Error('git was killed');
    },
  });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(await rig.states(), { a: 'done' });
  assert.deepEqual(rig.repo.merged, ['a']);
});
