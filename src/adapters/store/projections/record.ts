import type { TurnPart } from '../../../core/agents/turn.ts';
import type { NewEvent } from '../../../core/events/event.ts';
import type { AppendOutcome, TaskLease } from '../../../core/tasks/ports.ts';
import type { Write } from '../session.ts';
import { appendToLog } from '../stream.ts';
import { projectAttempt } from './attempt.ts';
import { blockDependents, blockerOf } from './block.ts';
import { type AttemptFact, isAttemptFact } from './kinds.ts';
import { projectTask, type TaskFact } from './task.ts';
import { TaskChange } from './task-change.ts';
import { recordTurn } from './turn-rows.ts';

/** Appends facts about one attempt, with what was said meanwhile, and makes their changes, if `lease` is still the newest. */
export async function appendToAttempt(
  tx: Write,
  lease: TaskLease,
  events: readonly AttemptFact[],
  turns: readonly TurnPart[],
): Promise<AppendOutcome> {
  const change = await TaskChange.begin(tx, lease.task);
  const isHeld =
    change?.isActive && change.row.fence === lease.fence && change.row.attempts === lease.attempt;
  if (!isHeld) {
    if (change !== undefined) await logRefusal(tx, lease, change.row.fence, events);
    return { kind: 'lease-lost', heldFence: change?.row.fence };
  }
  for (const event of events) {
    if (event.attempt !== lease.attempt) {
      throw new Error(`${event.type} of attempt ${event.attempt} came with the lease of ${lease.attempt}`);
    }
  }
  const seq = await record(change, events);
  for (const part of turns) await recordTurn(change, part);
  return { kind: 'recorded', seq };
}

async function logRefusal(
  tx: Write,
  { task, attempt, fence }: TaskLease,
  heldFence: number,
  events: readonly AttemptFact[],
): Promise<void> {
  const facts = [...new Set(events.map(({ type }) => type))];
  await appendToLog(tx, [{ type: 'write.refused', task, attempt, fence, heldFence, facts }]);
}

/** Projects the events of one task in order and logs them with what follows from them. */
export async function record(
  change: TaskChange,
  events: readonly (AttemptFact | TaskFact)[],
): Promise<number> {
  for (const event of events) {
    if (event.task !== change.id) throw new Error(`${event.type} of ${event.task} came to ${change.id}`);
    change.facts.push(event);
    if (isAttemptFact(event)) await projectAttempt(change, event);
    else await projectTask(change, event);
  }
  if (change.row.leaving === 1 && !change.isActive && change.row.state !== 'archived') {
    const archived: NewEvent = { type: 'task.archived', task: change.id, reason: 'left the roadmap' };
    change.facts.push(archived);
    await projectTask(change, archived);
  }
  change.flush();
  await blockAgain(change);
  return await appendToLog(change.tx, change.facts);
}

/** A task that goes back to waiting, after its needs were edited or its own failure hid one, may wait in vain. */
async function blockAgain(change: TaskChange): Promise<void> {
  if (change.row.state !== 'pending' || change.row.pending_needs === 0) return;
  const blocker = await blockerOf(change.tx, change.id);
  if (blocker === undefined) return;
  change.facts.push(...(await blockDependents(change.tx, blocker.id, blocker.state)));
}
