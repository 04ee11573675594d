import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '../ids.ts';
import type { QuestionRecord } from '../tasks/task.ts';
import { nameApart } from './name-apart.ts';

function asked(id: string, question: string, part: Partial<QuestionRecord> = {}): QuestionRecord {
  return {
    task: 'a' as TaskId,
    id,
    question,
    attempt: 1,
    step: 1,
    askedAt: 1,
    stage: 'person',
    state: 'open',
    answer: undefined,
    answeredAt: undefined,
    answeredBy: undefined,
    ...part,
  };
}

const ids = (...parameters: Parameters<typeof nameApart>) =>
  nameApart(...parameters).map(({ id, isNew }) => [id, isNew]);

test('an id that an agent uses again becomes another one', () => {
  const known = [asked('q1', 'Red?', { state: 'answered', told: 1 }), asked('q1-2', 'Blue?')];
  assert.deepEqual(
    ids(
      [
        { id: 'q1', question: 'Green?' },
        { id: 'q1', question: 'Black?' },
        { id: 'q2', question: 'White?' },
      ],
      known,
    ),
    [
      ['q1-3', true],
      ['q1-4', true],
      ['q2', true],
    ],
  );
  const long = 'q'.repeat(64);
  assert.deepEqual(ids([{ id: long, question: 'Long?' }], [asked(long, 'Other?')]), [
    [`${'q'.repeat(62)}-2`, true],
  ]);
});

test('what an agent asks again, whose answer it was not told, is the same question', () => {
  const question = { id: 'again', question: 'Red?' };
  assert.deepEqual(ids([question], [asked('q1', 'Red?')]), [['q1', false]]);
  assert.deepEqual(ids([question], [asked('q1', 'Red?', { state: 'answered', answer: 'yes' })]), [
    ['q1', false],
  ]);
  assert.deepEqual(ids([question, question], []), [
    ['again', true],
    ['again', false],
  ]);
});

test('what it was told, and what nobody waits for, is asked anew', () => {
  const question = { id: 'q1', question: 'Red?' };
  assert.deepEqual(ids([question], [asked('q1', 'Red?', { state: 'answered', told: 2 })]), [['q1-2', true]]);
  assert.deepEqual(ids([question], [asked('q1', 'Red?', { state: 'dropped' })]), [['q1-2', true]]);
  assert.deepEqual(ids([question], [asked('q1', 'Red?', { kind: 'approval' })]), [['q1-2', true]]);
});

test('a request for leave keeps its id, by which the answer is found', () => {
  const leave = { id: 'permission:execute:0a', question: 'May coder run: ls' };
  assert.deepEqual(ids([leave], [asked(leave.id, 'May coder run: ls', { state: 'withdrawn', told: 1 })]), [
    [leave.id, true],
  ]);
});
