import type { TaskEvent } from '../../../core/events/event.ts';
import { endAttempt } from './end-attempt.ts';
import { putBack } from './question-rows.ts';
import type { TaskChange } from './task-change.ts';
import { endOpenTurns } from './turn-rows.ts';

/** Who is at it loses it with that, and what was asked stays asked. */
export async function pause(
  change: TaskChange,
  { by, reason }: Extract<TaskEvent, { type: 'task.paused' }>,
): Promise<void> {
  const { now } = change.row;
  change.row.paused_at = now;
  change.set({ paused_at: now, paused_by: by, paused_for: reason });
  if (!change.isActive) return;
  await leave(change, 'the task was paused');
  endAttempt(change);
  await putBack(change, `${by} paused it`);
}

export function resume(change: TaskChange): void {
  change.row.paused_at = null;
  change.set({ paused_at: null, paused_by: null, paused_for: null });
}

/** What its holder writes from now on is refused. It stops the processes itself: they stay listed until it has. */
export async function leave(change: TaskChange, reason: string): Promise<void> {
  change.row.fence += 1;
  change.set({ fence: change.row.fence });
  change.stepsLive = true;
  await endOpenTurns(change, { how: 'stopped', reason });
}
