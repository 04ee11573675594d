import { assertNever } from '../../../core/errors.ts';
import type { TaskEvent } from '../../../core/events/event.ts';
import { unblockFreed } from './block.ts';
import { endAttempt } from './end-attempt.ts';
import { blockBehind } from './failure.ts';
import { pause, resume } from './pause.ts';
import { answer, dropQuestions, escalate, withdraw } from './question-rows.ts';
import type { TaskChange } from './task-change.ts';
import { endOpenTurns } from './turn-rows.ts';
import { satisfy } from './unlock.ts';

export type TaskFact = TaskEvent;

/** The change of state that a person, or the store itself, makes. */
export async function projectTask(change: TaskChange, event: TaskFact): Promise<void> {
  const { now } = change.row;
  switch (event.type) {
    case 'task.added':
      throw new Error('A task is added by addTask alone, which also writes its definition');
    case 'task.claimed':
      throw new Error('A task is claimed by claim alone, which also writes its lease');
    case 'task.blocked':
      change.move('blocked');
      change.set({ reason: `waits for ${event.by}` });
      return;
    case 'task.unblocked':
      change.move('pending');
      change.set({ reason: null });
      return;
    case 'task.skipped':
      await takeAway(change);
      change.move('skipped');
      change.set({ reason: event.reason, finished_at: now });
      return await satisfy(change);
    case 'task.cancelled':
      await takeAway(change);
      change.move('cancelled');
      change.set({ reason: `cancelled by ${event.by}`, finished_at: now });
      return await blockBehind(change);
    case 'task.reset':
      return await reset(change);
    case 'task.paused':
      return await pause(change, event);
    case 'task.resumed':
      return resume(change);
    case 'task.answered':
      return await answer(change, event);
    case 'question.escalated':
      return await escalate(change, event);
    case 'question.withdrawn':
      return await withdraw(change, event);
    case 'task.edited':
      // What its agents know is set by the sync, which alone has the older text.
      return;
    case 'task.renamed':
      throw new Error('A task is renamed by sync alone, which also moves its rows');
    case 'task.archived':
      await takeAway(change);
      change.set({ archived_from: change.row.state, leaving: 0 });
      change.move('archived');
      return;
    default:
      assertNever(event);
  }
}

/** Takes the task from whoever holds it, whose writes are refused from now on, and from whoever was asked. */
async function takeAway(change: TaskChange): Promise<void> {
  if (change.isActive || change.row.state === 'waiting_input') dropQuestions(change);
  if (!change.isActive) return;
  change.row.fence += 1;
  change.set({ fence: change.row.fence });
  change.stepsLive = true;
  await endOpenTurns(change, { how: 'stopped', reason: 'the task was taken away' });
  endAttempt(change);
}

/** From the start again. Who was blocked only because of this task waits again; who counted it as finished does not. */
async function reset(change: TaskChange): Promise<void> {
  await takeAway(change);
  change.move('pending');
  change.set({ failures: 0, bounces: 0, reason: null, not_before: null, finished_at: null, next_role: null });
  if (change.row.merge_state !== null) change.setMerge(null, null);
  change.flush();
  change.facts.push(...(await unblockFreed(change.tx)));
}
