import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '../ids.ts';
import type { MessageRecord, NewMessage } from '../tasks/message.ts';
import type { Task } from '../tasks/task.ts';
import { parseRecipient } from './address.ts';
import { type Draft, sendMessage } from './send-message.ts';

const TASKS: Readonly<Record<string, Task['state']>> = { a: 'running', b: 'done', c: 'failed' };

function send(draft: Partial<Draft>): Promise<MessageRecord> {
  const store = {
    task: async (id: TaskId) => {
      const state = TASKS[id];
      return state === undefined ? undefined : ({ id, state } as Task);
    },
    send: async (message: NewMessage) =>
      message.to === 'task:nobody' ? ('unknown-task' as const) : { ...message, sentAt: 1, reads: [] },
  };
  const ids = { next: (prefix: string) => `${prefix}_1` };
  return sendMessage({ store, ids }, { from: 'person', to: 'a', text: 'Hello', ...draft });
}

test('a recipient is a task by its id, a person, the orchestrator agent or everyone', () => {
  assert.deepEqual(['a', 'task:a', 'person', 'orchestrator', 'everyone'].map(parseRecipient), [
    'task:a',
    'task:a',
    'person',
    'orchestrator',
    'everyone',
  ]);
  for (const nobody of ['', 'task:', 'client:x', 'a b', '-a', 'task:../x']) {
    assert.throws(() => parseRecipient(nobody), { code: 'UNKNOWN_RECIPIENT' });
  }
});

test('a message gets an id unless its sender made one', async () => {
  assert.equal((await send({ text: ' Hello\n' })).id, 'msg_1');
  assert.deepEqual(await send({ id: 'm9', text: ' Hello\n' }), {
    id: 'm9',
    from: 'person',
    to: 'task:a',
    text: 'Hello',
    sentAt: 1,
    reads: [],
  });
});

test('what nobody could read is not sent', async () => {
  await assert.rejects(send({ text: ' \n' }), { code: 'EMPTY_MESSAGE' });
  await assert.rejects(send({ text: 'x'.repeat(20_001) }), { code: 'MESSAGE_TOO_LONG' });
  await assert.rejects(send({ to: 'nobody' }), { code: 'UNKNOWN_TASK' });
  await assert.rejects(send({ to: 'b' }), { code: 'TASK_OVER' });
  assert.equal((await send({ to: 'c' })).to, 'task:c', 'a failed one may be tried again');
});
