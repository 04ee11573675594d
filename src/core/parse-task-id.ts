import { UsageError } from './errors.ts';
import { ID_PATTERN } from './id-pattern.ts';
import type { TaskId } from './ids.ts';
import { quoted } from './source/problem.ts';

/** A word from outside as a task id. Throws `UsageError` `BAD_ID` for what can be none. */
export function parseTaskId(text: string): TaskId {
  if (ID_PATTERN.test(text)) return text as TaskId;
  throw new UsageError('BAD_ID', `${quoted(text)} is not a task id`, {
    advice: 'ids begin with a letter or digit and have up to 64 of A-Z a-z 0-9 . _ -',
  });
}
