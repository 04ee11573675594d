import { UsageError } from '../errors.ts';
import { ID_PATTERN } from '../id-pattern.ts';
import type { TaskId } from '../ids.ts';

/** Whom a message may go to: a person, the orchestrator's agent, one task's agent, or each of them. */
export type Recipient = 'person' | 'orchestrator' | 'everyone' | `task:${string}`;

const NAMED: ReadonlySet<string> = new Set(['person', 'orchestrator', 'everyone']);
const TASK = 'task:';

/** The task that an address names. */
export function taskOf(address: string): TaskId | undefined {
  return address.startsWith(TASK) ? (address.slice(TASK.length) as TaskId) : undefined;
}

/** Reads what somebody wrote as a recipient: `task:<id>`, a task's id alone, or one of the names. Throws `UsageError`. */
export function parseRecipient(text: string): Recipient {
  if (NAMED.has(text)) return text as Recipient;
  const id = text.startsWith(TASK) ? text.slice(TASK.length) : text;
  if (ID_PATTERN.test(id)) return `${TASK}${id}`;
  throw new UsageError('UNKNOWN_RECIPIENT', `Nobody has the address "${text}"`, {
    advice: 'Use the id of a task, person, orchestrator or everyone.',
  });
}
