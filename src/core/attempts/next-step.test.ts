import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Workflow } from '../config/schema.ts';
import { taskId } from '../ids.ts';
import type { StepRecord } from '../tasks/task.ts';
import { nextStep } from './next-step.ts';

const standard: Workflow = {
  steps: [
    { agent: 'coder', maxRounds: 1, verify: false },
    { agent: 'reviewer', onReject: 'coder', maxRounds: 2, verify: false },
    { agent: 'tester', onReject: 'coder', maxRounds: 1, verify: true },
  ],
};

function record(part: Partial<StepRecord> & Pick<StepRecord, 'index' | 'verdict'>): StepRecord {
  return {
    task: taskId.parse('a'),
    attempt: 1,
    step: 1,
    agent: 'x',
    round: 1,
    kind: 'work',
    provider: 'p',
    state: part.verdict === undefined ? 'running' : 'finished',
    outcome: 'success',
    summary: undefined,
    session: undefined,
    process: undefined,
    costUsd: 0,
    startedAt: 0,
    finishedAt: 0,
    ...part,
  };
}

test('S3-30 a new task starts with the first step of its workflow', () => {
  const next = nextStep(standard, []);
  assert.deepEqual(next.kind === 'step' && [next.index, next.agent, next.stepKind], [0, 'coder', 'work']);
});

test('S3-31 the reviewer follows the coder, the tester the reviewer, the merge the tester', () => {
  const history = [record({ index: 0, verdict: 'done' })];
  const review = nextStep(standard, history);
  assert.deepEqual(review.kind === 'step' && [review.agent, review.stepKind], ['reviewer', 'review']);
  history.push(record({ index: 1, verdict: 'done' }));
  const testing = nextStep(standard, history);
  assert.deepEqual(testing.kind === 'step' && [testing.agent, testing.stepKind, testing.verify], [
    'tester',
    'test',
    true,
  ]);
  history.push(record({ index: 2, verdict: 'done' }));
  assert.equal(nextStep(standard, history).kind, 'finished');
});

test('a rejection goes back to the coder with the feedback, and the reviewer looks again', () => {
  const history = [
    record({ index: 0, verdict: 'done' }),
    record({ index: 1, verdict: 'rejected', summary: 'no tests' }),
  ];
  const fix = nextStep(standard, history);
  assert.deepEqual(fix.kind === 'step' && [fix.agent, fix.stepKind, fix.feedback, fix.round], [
    'coder',
    'fix',
    'no tests',
    2,
  ]);
  history.push(record({ index: 0, verdict: 'done', kind: 'fix', round: 2 }));
  const again = nextStep(standard, history);
  assert.deepEqual(again.kind === 'step' && [again.agent, again.round], ['reviewer', 2]);
});

test('S1-55 a step that rejects more often than its rounds ends the workflow', () => {
  const history = [
    record({ index: 0, verdict: 'done' }),
    record({ index: 1, verdict: 'rejected', summary: '1' }),
    record({ index: 0, verdict: 'done' }),
    record({ index: 1, verdict: 'rejected', summary: '2' }),
    record({ index: 0, verdict: 'done' }),
    record({ index: 1, verdict: 'rejected', summary: '3' }),
  ];
  assert.deepEqual(nextStep(standard, history), {
    kind: 'exhausted',
    agent: 'reviewer',
    rejections: 3,
    feedback: '3',
  });
});

test('S3-52 an interrupted step is resumed where it stood', () => {
  const next = nextStep(standard, [record({ index: 0, verdict: undefined })]);
  assert.deepEqual(next.kind === 'step' && [next.index, next.stepKind, next.continueSession], [
    0,
    'resume',
    true,
  ]);
});

test('an interrupted review is asked for again as a review', () => {
  const next = nextStep(standard, [
    record({ index: 0, verdict: 'done' }),
    record({ index: 1, verdict: undefined, kind: 'review' }),
  ]);
  assert.deepEqual(next.kind === 'step' && [next.agent, next.stepKind], ['reviewer', 'review']);
});

test('a step that asked goes on with the answer', () => {
  const next = nextStep(standard, [record({ index: 0, verdict: 'questions' })]);
  assert.deepEqual(next.kind === 'step' && [next.index, next.stepKind], [0, 'answer']);
});

test('a session that ran out of context is not continued', () => {
  const next = nextStep(standard, [record({ index: 0, verdict: 'error', outcome: 'context_limit' })]);
  assert.equal(next.kind === 'step' && next.continueSession, false);
});

test('a settled conflict leaves the task ready to merge, an interrupted one is taken up again', () => {
  const passed = [0, 1, 2].map((index) => record({ index, verdict: 'done' }));
  assert.equal(
    nextStep(standard, [...passed, record({ index: 0, verdict: 'done', kind: 'conflict' })]).kind,
    'finished',
  );
  const interrupted = record({ index: 0, verdict: undefined, kind: 'conflict' });
  const settled = record({ index: 0, verdict: 'done', kind: 'conflict' });
  assert.equal(nextStep(standard, [...passed, interrupted, settled]).kind, 'finished');
  const again = nextStep(standard, [...passed, interrupted]);
  assert.deepEqual(again.kind === 'step' && [again.index, again.stepKind], [0, 'conflict']);
});

test('work that a person sent back is fixed by its maker, reviewed again, and the rounds are counted anew', () => {
  const passed = [0, 1, 2].map((index) => record({ index, verdict: 'done', step: index + 1 }));
  const sentBack = [{ step: 3, gate: 2, target: 0, feedback: 'Name it' }];
  const fix = nextStep(standard, passed, sentBack);
  assert.deepEqual(fix.kind === 'step' && [fix.agent, fix.stepKind, fix.feedback, fix.round, fix.passed], [
    'coder',
    'fix',
    'Name it',
    2,
    undefined,
  ]);
  const fixed = [...passed, record({ index: 0, verdict: 'done', kind: 'fix', step: 4, round: 2 })];
  const review = nextStep(standard, fixed, sentBack);
  assert.deepEqual(review.kind === 'step' && [review.agent, review.passed], ['reviewer', 0]);
  const rejectedBefore = [
    record({ index: 0, verdict: 'done', step: 1 }),
    record({ index: 1, verdict: 'rejected', step: 2 }),
    record({ index: 0, verdict: 'done', kind: 'fix', step: 3 }),
    record({ index: 1, verdict: 'rejected', step: 4 }),
    record({ index: 0, verdict: 'done', kind: 'fix', step: 5 }),
  ];
  const again = record({ index: 1, verdict: 'rejected', step: 7 });
  assert.equal(nextStep(standard, [...rejectedBefore, again]).kind, 'exhausted');
  assert.equal(
    nextStep(standard, [...rejectedBefore, again], [{ step: 5, gate: 0, target: 0, feedback: '' }]).kind,
    'step',
  );
});

test('a fix that was interrupted is begun again with what the person said', () => {
  const history = [
    record({ index: 0, verdict: 'done', step: 1 }),
    record({ index: 0, verdict: undefined, kind: 'fix', step: 2 }),
  ];
  const fix = nextStep(standard, history, [{ step: 1, gate: 0, target: 0, feedback: 'Name it' }]);
  assert.deepEqual(fix.kind === 'step' && [fix.stepKind, fix.feedback], ['fix', 'Name it']);
});
