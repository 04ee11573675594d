import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '../ids.ts';
import {
  type CommandDecision,
  decideAnswer,
  decideCancel,
  decidePause,
  decideResume,
  decideRetry,
} from './commands.ts';
import { isFinal, mayMove, TASK_STATES, type TaskState } from './states.ts';
import type { QuestionRecord, Task } from './task.ts';

function taskIn(state: TaskState, more: Partial<Task> = {}): Task {
  return { id: 'a' as TaskId, state, intent: undefined, reason: undefined, ...more } as Task;
}

function isRefusal(decision: CommandDecision): decision is { refused: string; advice: string } {
  return 'refused' in decision;
}

function statesThat(decide: (task: Task) => CommandDecision): readonly TaskState[] {
  return TASK_STATES.filter((state) => !isRefusal(decide(taskIn(state))));
}

test('only tasks that ended without success can be retried', () => {
  assert.deepEqual(
    statesThat((task) => decideRetry(task, 'me')),
    ['failed', 'skipped', 'cancelled'],
  );
  assert.deepEqual(decideRetry(taskIn('failed'), 'me'), [{ type: 'task.reset', task: 'a', by: 'me' }]);
});

test('everything that is not over can be cancelled, and blocked tasks too', () => {
  const open = TASK_STATES.filter((state) => !isFinal(state) || state === 'blocked');
  assert.deepEqual(
    statesThat((task) => decideCancel(task, 'me')),
    open,
  );
});

test('a command only makes moves that the life of a task allows', () => {
  for (const state of statesThat((task) => decideRetry(task, 'me')))
    assert.ok(mayMove(state, 'pending'), state);
  for (const state of statesThat((task) => decideCancel(task, 'me')))
    assert.ok(mayMove(state, 'cancelled'), state);
});

test('a merge that is about to become visible, or may be so already, is not cancelled any more', () => {
  const intent = { branch: 'i', expected: 'x', commit: 'y' } as unknown as NonNullable<Task['intent']>;
  for (const state of ['merging', 'pending', 'claimed'] as const) {
    assert.ok(isRefusal(decideCancel(taskIn(state, { intent }), 'me')), state);
  }
  assert.ok(!isRefusal(decideCancel(taskIn('running', { intent }), 'me')));
});

const PAUSED = { by: 'ann', reason: 'not yet', at: 0 };
const pause = (task: Task) => decidePause(task, { by: 'me', reason: ' why ' });

test('everything that may still go on can be paused once, unless its merge may be visible', () => {
  const open = TASK_STATES.filter((state) => !isFinal(state) || state === 'blocked');
  assert.deepEqual(statesThat(pause), open);
  assert.deepEqual(pause(taskIn('pending')), [{ type: 'task.paused', task: 'a', by: 'me', reason: 'why' }]);
  const intent = { branch: 'i', expected: 'x', commit: 'y' } as unknown as NonNullable<Task['intent']>;
  for (const state of open) assert.ok(isRefusal(pause(taskIn(state, { intent }))), state);
  const again = pause(taskIn('pending', { paused: PAUSED }));
  assert.ok(isRefusal(again) && again.refused === 'a is paused already by ann (not yet)');
});

test('only what is paused can be resumed, and a retry of it says how', () => {
  assert.deepEqual(
    statesThat((task) => decideResume(task, 'me')),
    [],
  );
  const resumed = decideResume(taskIn('waiting_input', { paused: PAUSED }), 'me');
  assert.deepEqual(resumed, [{ type: 'task.resumed', task: 'a', by: 'me' }]);
  assert.ok(isRefusal(decideResume(taskIn('archived', { paused: PAUSED }), 'me')));
  const retried = decideRetry(taskIn('pending', { paused: PAUSED }), 'me');
  assert.ok(isRefusal(retried) && retried.advice === 'cw task resume a');
});

test('every refusal says why and what to do instead', () => {
  for (const state of TASK_STATES) {
    for (const decision of [
      decideRetry(taskIn(state), 'me'),
      decideCancel(taskIn(state), 'me'),
      pause(taskIn(state)),
      decideResume(taskIn(state), 'me'),
    ]) {
      if (!isRefusal(decision)) continue;
      assert.match(decision.refused, /^a /, state);
      assert.ok(decision.advice.length > 0, state);
    }
  }
});

const asked = (id: string, options?: readonly string[]): QuestionRecord =>
  ({ id, question: 'Which?', task: 'a', ...(options === undefined ? {} : { options }) }) as QuestionRecord;

function answer(open: readonly QuestionRecord[], text: string, questionId?: string): CommandDecision {
  return decideAnswer(taskIn('waiting_input'), { open, questionId, answer: text, by: 'me' });
}

test('an answer is the words given, or the option of that number', () => {
  const fact = (given: string) => [
    { type: 'task.answered', task: 'a', question: 'q1', answer: given, by: 'me' },
  ];
  assert.deepEqual(answer([asked('q1')], ' Use UUIDs '), fact('Use UUIDs'));
  assert.deepEqual(answer([asked('q1', ['yes', 'no'])], '2'), fact('no'));
  assert.deepEqual(answer([asked('q1', ['yes', 'no'])], '3'), fact('3'));
  assert.deepEqual(answer([asked('q1')], '2'), fact('2'));
});

test('with several open questions the one that is meant must be named', () => {
  const open = [asked('q1'), asked('q2')];
  assert.ok(isRefusal(answer(open, 'yes')));
  assert.deepEqual(answer(open, 'yes', 'q2'), [
    { type: 'task.answered', task: 'a', question: 'q2', answer: 'yes', by: 'me' },
  ]);
  assert.ok(isRefusal(answer(open, 'yes', 'q9')));
  assert.ok(isRefusal(answer([], 'yes')));
  assert.ok(isRefusal(answer([asked('q1')], '  ')));
});
