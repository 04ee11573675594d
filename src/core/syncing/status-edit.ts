import type { TaskDefinition } from '../roadmap/model.ts';
import type { TaskState } from '../tasks/states.ts';

type Status = TaskDefinition['initialState'];

/** `reset`: back in the queue. `reopened`: so is what was done by the word of the file alone. */
export type StatusEdit = 'done' | 'cancelled' | 'reset' | 'reopened';

interface Subject {
  readonly state: TaskState;
  readonly attempts: number;
  /** Its merge is about to become visible. */
  readonly isIntended: boolean;
}

const EDITS = {
  done: ['pending', 'blocked', 'waiting_input', 'failed', 'cancelled'],
  cancelled: ['pending', 'blocked', 'waiting_input', 'claimed', 'running', 'merging'],
  pending: ['failed', 'skipped', 'cancelled'],
} as const satisfies Record<NonNullable<Status>, readonly TaskState[]>;

/**
 * What a status that a person edited in the file means for a task: a three-way compare of the status at the last
 * sync (`before`), the one in the file (`after`) and the state. A status that stands there since the last sync means
 * nothing, however old it is. What an agent works on is not made done by the file, and what was merged is not done
 * a second time.
 */
export function statusEdit(task: Subject, before: Status, after: Status): StatusEdit | undefined {
  const wanted = after ?? 'pending';
  if ((before ?? 'pending') === wanted) return undefined;
  if (wanted === 'pending' && task.state === 'done') return task.attempts === 0 ? 'reopened' : undefined;
  if (!(EDITS[wanted] as readonly TaskState[]).includes(task.state) || task.isIntended) return undefined;
  return wanted === 'pending' ? 'reset' : wanted;
}
