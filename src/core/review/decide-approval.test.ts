import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectId } from '../ids.ts';
import type { QuestionRecord, Task } from '../tasks/task.ts';
import { decideApproval } from './decide-approval.ts';

const commit = objectId.parse(`abc1234${'0'.repeat(33)}`);
const approval = {
  id: 'approve-2',
  kind: 'approval',
  approves: { gate: 0, commit, changes: 'x' },
} as QuestionRecord;
const taskIn = (state: Task['state']): Task => ({ id: 'a', state, definition: {} }) as unknown as Task;

const decide = (open: readonly QuestionRecord[], given?: string, state: Task['state'] = 'waiting_input') =>
  decideApproval(taskIn(state), {
    open,
    answer: { kind: 'approved', comment: 'nice' },
    commit: given,
    by: 'person',
  });

test('the open approval is answered, also when the task asks something else', () => {
  const other = { id: 'q1' } as QuestionRecord;
  assert.deepEqual(decide([other, approval]), [
    { type: 'task.answered', task: 'a', question: 'approve-2', answer: 'approve: nice', by: 'person' },
  ]);
  assert.ok(Array.isArray(decide([approval], 'abc1234')));
});

test('what was not asked or not looked at is not approved, with the next step', () => {
  const refusal = (...args: Parameters<typeof decide>) => {
    const decision = decide(...args);
    return 'refused' in decision ? `${decision.refused} / ${decision.advice}` : 'approved';
  };
  assert.match(refusal([approval], 'def'), /is abc1234, not def .*cw task diff a/);
  assert.match(refusal([{ id: 'q1' } as QuestionRecord]), /waits for an answer, not for .*cw inbox/);
  assert.match(refusal([], undefined, 'done'), /done and merged/);
  assert.match(refusal([], undefined, 'failed'), /cw task retry a/);
  assert.match(refusal([], undefined, 'running'), /does not wait .*approve: true/);
});
