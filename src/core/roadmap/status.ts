import { type Fields, readText } from './fields.ts';
import type { TaskDefinition } from './model.ts';

export type InitialState = NonNullable<TaskDefinition['initialState']>;

const WORDS: Readonly<Record<string, InitialState>> = {
  done: 'done',
  complete: 'done',
  completed: 'done',
  finished: 'done',
  merged: 'done',
  cancelled: 'cancelled',
  canceled: 'cancelled',
  dropped: 'cancelled',
  skipped: 'cancelled',
};

/**
 * What a `status` in the file means at the first sync. The file says what is to be done, not how far it is, so
 * every word besides "done" and "cancelled" means that it is still to do.
 */
export function readStatus(fields: Fields): InitialState | undefined {
  const word = readText(fields, 'status')?.text.trim().toLowerCase();
  return word === undefined ? undefined : Object.hasOwn(WORDS, word) ? WORDS[word] : 'pending';
}
