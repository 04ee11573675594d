import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttemptEvent } from '../events/event.ts';
import { taskId } from '../ids.ts';
import type { AskOutcome } from './ports.ts';
import { TurnDesk } from './turn-desk.ts';

const BUILD = taskId.parse('build');

function desk(options: { verdict?: boolean; ask?: AskOutcome } = {}) {
  const facts: AttemptEvent[] = [];
  const made = new TurnDesk({
    store: {
      task: async () => undefined,
      tasks: async () => [],
      predecessors: async () => [],
    },
    journal: { commit: async (...events) => void facts.push(...events) },
    turn: { task: BUILD, attempt: 2, step: 3, role: 'coder' },
    agent: { role: 'coder', verdict: options.verdict ?? false },
    branch: 'cw/build',
    talk: {
      ask: async () => options.ask ?? { kind: 'answered', answers: [] },
      messages: async () => [],
      send: async () => ({ id: 'm1' }),
    },
  });
  return { made, facts };
}

test('progress is a fact of the attempt and its step', async () => {
  const { made, facts } = desk();
  await made.report({ text: 'half of it', percent: 50 });
  assert.deepEqual(facts, [
    { type: 'agent.reported', task: BUILD, attempt: 2, step: 3, text: 'half of it', percent: 50 },
  ]);
});

test('an agent that reports in a loop is told to go on without', async () => {
  const { made, facts } = desk();
  for (let reports = 0; reports < 1_000; reports += 1) await made.report({ text: 'again' });
  await assert.rejects(made.report({ text: 'once more' }), { code: 'TOO_MANY_REPORTS' });
  assert.equal(facts.length, 1_000);
});

test('the last result counts, and only who reviews may reject', async () => {
  const { made } = desk();
  await made.result({ status: 'error', reason: 'cannot' });
  await made.result({ status: 'done', summary: 'could after all' });
  await assert.rejects(made.result({ status: 'rejected', feedback: 'no' }), { code: 'NOT_A_REVIEWER' });
  assert.deepEqual(made.reported, { status: 'done', summary: 'could after all' });
  const reviewer = desk({ verdict: true });
  await reviewer.made.result({ status: 'rejected', feedback: 'no' });
  assert.deepEqual(reviewer.made.reported, { status: 'rejected', feedback: 'no' });
});

test('a task that left the plan has no brief any more', async () => {
  await assert.rejects(desk().made.task(), { code: 'UNKNOWN_TASK' });
});
