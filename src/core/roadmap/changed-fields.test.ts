import assert from 'node:assert/strict';
import { test } from 'node:test';
import { taskId } from '../ids.ts';
import { changedFields, fieldText, isAsked, isTold } from './changed-fields.ts';
import type { TaskDefinition } from './model.ts';

const TASK: TaskDefinition = {
  id: taskId.parse('a'),
  title: 'a',
  prompt: 'Do a',
  path: { phase: 'one' },
  dependsOn: ['x'],
  files: ['src/**'],
  priority: 50,
  exitCriteria: ['It works'],
  onFailure: 'hard',
};

test('S0-14 a change is told by the names of the file, with the text before and after', () => {
  const after: TaskDefinition = {
    ...TASK,
    title: 'A',
    prompt: 'Do more',
    dependsOn: ['x', 'y'],
    files: [],
    agent: 'reviewer',
    priority: 75,
    timeoutMs: 90_000,
    maxAttempts: 5,
    budget: { usd: 2, turns: 4 },
    exitCriteria: ['It works', 'It is fast'],
    onFailure: 'soft',
    initialState: 'done',
    path: { phase: 'two' },
  };
  assert.deepEqual(
    changedFields(TASK, after).map(({ field, before, after: now }) => [field, before, now]),
    [
      ['title', 'a', 'A'],
      ['prompt', 'Do a', 'Do more'],
      ['exit_criteria', '- It works', '- It works\n- It is fast'],
      ['depends_on', 'x', 'x, y'],
      ['files', 'src/**', ''],
      ['agent', '', 'reviewer'],
      ['status', 'pending', 'done'],
      ['priority', '50', '75'],
      ['timeout', '', '1m30s'],
      ['budget', '', '2 USD, 4 turns'],
      ['max_attempts', '', '5'],
      ['on_failure', 'hard', 'soft'],
      ['phase', 'one', 'two'],
    ],
  );
});

test('S0-18 what means the same is no change', () => {
  assert.deepEqual(changedFields(TASK, { ...TASK, initialState: 'pending' }), []);
});

test('what only follows a rename is no change', () => {
  const renamed = new Map([
    ['x', 'z'],
    ['one', 'first'],
    ['a', 'b'],
  ]);
  const id = taskId.parse('b');
  assert.deepEqual(
    changedFields(TASK, { ...TASK, id, title: 'b', dependsOn: ['z'], path: { phase: 'first' } }, renamed),
    [],
  );
  assert.deepEqual(
    changedFields(TASK, { ...TASK, dependsOn: ['x'] }, renamed).map(({ field }) => field),
    ['depends_on', 'phase'],
  );
});

test('an agent is told of what it works by, and its work is judged by what was asked', () => {
  const fields = ['title', 'prompt', 'exit_criteria', 'depends_on', 'files', 'agent', 'timeout'] as const;
  assert.deepEqual(fields.filter(isTold), fields.slice(0, 6));
  assert.deepEqual(fields.filter(isAsked), fields.slice(0, 3));
  assert.equal(fieldText(TASK, 'agent'), '');
});
