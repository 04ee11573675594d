import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TurnOutcome } from '../../src/core/agents/outcome.ts';
import { did, type FakeTurn, rejected } from '../support/fake-backend.ts';
import { Rig, task } from './rig.ts';

const A = task('a').id;

test('S2-30 S2-34 every turn of a task is kept with prompt, answer and end, across attempts', async () => {
  let calls = 0;
  const agent = (): TurnOutcome =>
    ++calls === 1 ? { kind: 'transient', reason: '529 overloaded' } : { kind: 'success', text: 'I made it.' };
  await using rig = await Rig.open({ tasks: [task('a')], agent });
  await rig.run();
  const turns = await rig.store.turns(A);
  assert.deepEqual(
    turns.map(({ attempt, session, turn }) => [attempt, session, turn?.ended, turn?.answer]),
    [
      [1, 's1', 'failed', '529 overloaded'],
      [2, 's1', 'finished', 'I made it.'],
    ],
  );
  assert.deepEqual(
    turns.map(({ turn }) => turn?.prompt),
    rig.backend.turns.map(({ prompt }) => prompt),
  );
  const said = await rig.store.said({ task: A, step: 2, after: -1 });
  assert.deepEqual(
    said.flatMap(({ entries }) => entries.map(({ type }) => type)),
    ['session', 'outcome'],
  );
  const [agentOfA] = await rig.store.agents({ all: true, limit: 9 });
  assert.deepEqual([agentOfA?.status, agentOfA?.session, agentOfA?.usage.turns], ['finished', 's1', 2]);
});

test('S2-35 the log says of every turn how it was over, once, in the commit of its step', async () => {
  let calls = 0;
  const agent = (): TurnOutcome => {
    calls += 1;
    if (calls === 1) return { kind: 'killed', byUs: false, reason: 'gone' };
    if (calls > 2) return did('made');
    const questions = [{ id: 'q', question: 'Which?' }];
    return { kind: 'success', text: '', result: { status: 'questions', questions } };
  };
  await using rig = await Rig.open({ tasks: [task('a')], agent });
  await rig.run();
  const [question] = await rig.store.questions({ task: A });
  await rig.store.command(A, () => [
    { type: 'task.answered', task: A, question: question?.id ?? '', answer: 'this', by: 'ann' },
  ]);
  await rig.run();
  const ends = (await rig.events('agent.ended')).map((event) => event.type === 'agent.ended' && event.how);
  assert.deepEqual(ends, ['crashed', 'waiting', 'finished']);
});

test('a conversation that its CLI does not know any more goes on in a new one, at once and with a summary', async () => {
  const agent = ({ session, attempt }: FakeTurn): TurnOutcome => {
    if (attempt === 1) return { kind: 'transient', reason: 'the line broke' };
    if (session === 's1') return { kind: 'context_limit', reason: 'No conversation found' };
    return did('made');
  };
  await using rig = await Rig.open({ tasks: [task('a', { maxAttempts: 2 })], agent });
  await rig.run();
  assert.deepEqual(
    rig.backend.turns.map(({ attempt, session }) => [attempt, session]),
    [
      [1, undefined],
      [2, 's1'],
      [2, undefined],
    ],
  );
  const [, continued, anew] = rig.backend.turns.map(({ prompt }) => prompt);
  assert.doesNotMatch(continued ?? '', /What happened so far/);
  assert.match(anew ?? '', /## What happened so far/);
  assert.match(anew ?? '', /attempt 1, work by coder \(fake\): transient: the line broke/);
  assert.match(anew ?? '', /attempt 2, resume by coder \(fake\): context limit/);
  assert.match(anew ?? '', /Do a/, 'the task is told again');
  assert.deepEqual(await rig.states(), { a: 'done' });
  assert.equal((await rig.store.sessions(A))[0]?.session, 's2');
});

test('answers are told again when the conversation that they belong to is gone', async () => {
  let calls = 0;
  const agent = (): TurnOutcome => {
    calls += 1;
    if (calls === 2) return { kind: 'context_limit', reason: 'full' };
    if (calls > 2) return did('made');
    const questions = [{ id: 'q', question: 'Which colour?' }];
    return { kind: 'success', text: '', result: { status: 'questions', questions } };
  };
  await using rig = await Rig.open({ tasks: [task('a')], agent });
  await rig.run();
  const [question] = await rig.store.questions({ task: A });
  await rig.store.command(A, () => [
    { type: 'task.answered', task: A, question: question?.id ?? '', answer: 'green', by: 'ann' },
  ]);
  await rig.run();
  assert.match(rig.backend.turns[2]?.prompt ?? '', /Which colour\?[\s\S]*green/);
});

test('a reviewer that begins anew knows what it asked for', async () => {
  let reviews = 0;
  const agent = ({ role, session }: FakeTurn): TurnOutcome => {
    if (role !== 'reviewer') return did('made');
    if (++reviews === 1) return rejected('line 3 is wrong');
    return session === undefined ? did('good') : { kind: 'context_limit', reason: 'full' };
  };
  const { agent: _, ...plain } = task('a', { workflow: 'standard' });
  await using rig = await Rig.open({ tasks: [plain], agent });
  await rig.run();
  const last = rig.backend.turns.findLast(({ role }) => role === 'reviewer');
  assert.match(last?.prompt ?? '', /review by reviewer \(fake\): rejected: line 3 is wrong/);
  assert.deepEqual(await rig.states(), { a: 'done' });
});
