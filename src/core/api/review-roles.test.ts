import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QuestionRecord, Task } from '../tasks/task.ts';
import type { Actor, PersonRole } from './actor.ts';
import { inboxOperations } from './inbox-operations.ts';
import type { ProjectParts } from './parts.ts';

const question = { task: 'a', id: 'approve-1', kind: 'approval', state: 'open' } as QuestionRecord;

/** A project in which one task waits for an approval; `done` is what was let through. */
function projectOf(role: PersonRole) {
  const done: string[] = [];
  const store = {
    task: async () => ({ id: 'a', state: 'waiting_input' }) as Task,
    questions: async () => [question],
    orchestrators: async () => [],
    command: async () => {
      done.push('answered');
      return { kind: 'recorded', seq: 1 };
    },
  };
  const parts = { store: async () => store } as unknown as ProjectParts;
  const actor: Actor = { kind: 'client', name: 'phone', role };
  return { done, inbox: inboxOperations(parts, actor) };
}

test('who may not approve work does not do so by answering', async () => {
  const { done, inbox } = projectOf('operator');
  for (const id of [{}, { question: 'approve-1' }]) {
    await assert.rejects(inbox.answer({ task: 'a', answer: 'approve', ...id }), {
      code: 'REFUSED',
      message: 'a waits for an approval, which is not for client:phone to give',
    });
  }
  assert.deepEqual(done, []);
  const approver = projectOf('approver');
  await approver.inbox.answer({ task: 'a', answer: 'approve' });
  assert.deepEqual(approver.done, ['answered']);
});
