import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectId, type TaskId } from '../ids.ts';
import type { QuestionRecord } from '../tasks/task.ts';
import { approvalAnswerText, isApproved, readApprovalAnswer, rejectionsOf } from './approval.ts';
import { isGate, mergeGate } from './gates.ts';

const COMMIT = objectId.parse('1'.repeat(40));

/** An approval that was answered, or not. */
function asked(answer: string | undefined, part: { gate?: number; changes?: string; step?: number } = {}) {
  const { gate = 0, changes = 'x', step = 1 } = part;
  return {
    task: 'a' as TaskId,
    id: 'approve-1',
    question: 'May it?',
    kind: 'approval',
    approves: { gate, commit: COMMIT, changes },
    attempt: 1,
    step,
    askedAt: 1,
    stage: 'person',
    state: answer === undefined ? 'open' : 'answered',
    answer,
    answeredAt: undefined,
    answeredBy: undefined,
  } satisfies QuestionRecord;
}

test('an answer is read as an approval or a rejection only when it begins as one', () => {
  const read = (text: string) => {
    const answer = readApprovalAnswer(text);
    return answer && approvalAnswerText(answer);
  };
  assert.deepEqual(['approve', ' Approved. ', 'approve: nice work', 'APPROVE\nnice'].map(read), [
    'approve',
    'approve',
    'approve: nice work',
    'approve: nice',
  ]);
  assert.deepEqual(['reject: name it\nwell', 'Rejected, because', 'reject'].map(read), [
    'reject: name it\nwell',
    'reject: because',
    'reject',
  ]);
  for (const text of ['', 'yes', 'I approve', 'approval', 'rejects', 'disapprove', 'approver: x']) {
    assert.equal(read(text), undefined, text);
  }
});

test('work is approved when this very work was approved, at this gate or a later one', () => {
  const wanted = { gate: 1, changes: 'x' };
  assert.equal(isApproved([], wanted), false);
  assert.equal(isApproved([asked(undefined, wanted)], wanted), false);
  assert.equal(isApproved([asked('approve', { gate: 1, changes: 'y' })], wanted), false);
  assert.equal(isApproved([asked('approve', { gate: 0 })], wanted), false);
  assert.equal(isApproved([asked('approve', wanted)], wanted), true);
  assert.equal(isApproved([asked('approve', { gate: 2 })], wanted), true);
  const { approves: _, ...nothing } = asked('approve', wanted);
  assert.equal(isApproved([nothing], wanted), false, 'what an approval was about has to be known');
  assert.equal(isApproved([{ ...asked('approve', wanted), state: 'withdrawn' }], wanted), false);
  const { kind: __, ...plain } = asked('approve', wanted);
  assert.equal(isApproved([plain], wanted), false, 'a question of an agent is no approval');
});

test('a rejection takes back what was approved before it', () => {
  const history = [asked('approve'), asked('reject: no', { changes: 'y', step: 2 })];
  assert.equal(isApproved(history, { gate: 0, changes: 'x' }), false);
  assert.equal(isApproved([...history, asked('approve')], { gate: 0, changes: 'x' }), true);
  assert.deepEqual(rejectionsOf(history), [{ step: 2, gate: 0, feedback: 'no' }]);
});

test('the merge has a gate when the task wants one, or a step after which nobody changes the work', () => {
  const steps = (...approve: boolean[]) => ({
    steps: ['planner', 'coder', 'reviewer'].map((agent, index) => ({
      agent,
      maxRounds: 1,
      verify: false,
      ...(approve[index] === true ? { approve: true } : {}),
    })),
  });
  const mayEdit = (agent: string) => agent !== 'reviewer';
  const gate = (workflow: ReturnType<typeof steps>, approve = false) =>
    mergeGate(workflow, { approve, mayEdit });
  assert.equal(gate(steps()), undefined);
  assert.equal(gate(steps(), true), 2);
  assert.equal(gate(steps(true)), undefined, 'a plan that was approved is not what is merged');
  assert.equal(gate(steps(true, true)), 1);
  assert.equal(gate(steps(false, true, true)), 2);
  assert.deepEqual(
    [0, 1, undefined, 7].map((index) => isGate(steps(true), index)),
    [true, false, false, false],
  );
});
