import { UsageError } from '../errors.ts';
import type { Ids } from '../ports.ts';
import type { MessageRecord, NewMessage } from '../tasks/message.ts';
import type { Store } from '../tasks/ports.ts';
import { isFinal } from '../tasks/states.ts';
import { parseRecipient, type Recipient, taskOf } from './address.ts';

/** A text of more characters belongs into a file. */
const LONGEST_TEXT = 20_000;

export interface Draft extends Omit<NewMessage, 'id'> {
  /** Given by who may have to send it again without knowing whether it was sent. */
  readonly id?: string;
}

/**
 * Sends a message; `to` is what somebody wrote. Throws `UsageError` for an address that nobody has or reads, and for an
 * empty or endless text.
 */
export async function sendMessage(
  { store, ids }: { store: Pick<Store, 'send' | 'task'>; ids: Pick<Ids, 'next'> },
  { id, ...draft }: Draft,
): Promise<MessageRecord> {
  const text = draft.text.trim();
  if (text === '') {
    throw new UsageError('EMPTY_MESSAGE', 'The message is empty', { advice: 'Say at least one word.' });
  }
  if (text.length > LONGEST_TEXT) {
    throw new UsageError('MESSAGE_TOO_LONG', `The message has ${text.length} characters`, {
      advice: `Keep it below ${LONGEST_TEXT}; put more into a file and name it.`,
    });
  }
  const to = parseRecipient(draft.to);
  await checkReads(store, to);
  const sent = await store.send({ ...draft, id: id ?? ids.next('msg'), text, to });
  if (sent === 'unknown-task') throw unknown(draft.from, to);
  return sent;
}

/** Nobody would ever read what is sent to a task that is over. */
async function checkReads(store: Pick<Store, 'task'>, to: Recipient): Promise<void> {
  const id = taskOf(to);
  const task = id === undefined ? undefined : await store.task(id);
  if (task === undefined || !isFinal(task.state) || task.state === 'blocked' || task.state === 'failed')
    return;
  throw new UsageError('TASK_OVER', `Task ${task.id} is ${task.state}: no agent will read the message`, {
    advice: 'Write to a task that is still to be done, or add one: cw task add.',
  });
}

function unknown(from: string, to: string): UsageError {
  return new UsageError('UNKNOWN_TASK', `There is no task for a message from ${from} to ${to}`, {
    advice: 'cw task list shows them all.',
  });
}
