import type { NewEvent } from '../../core/events/event.ts';
import { blockDependents, blockerOf, unblockFreed, waitingInVain } from './projections/block.ts';
import { dropQuestions } from './projections/question-rows.ts';
import { record } from './projections/record.ts';
import { TaskChange } from './projections/task-change.ts';
import type { Write } from './session.ts';
import { appendToLog } from './stream.ts';
import type { Edit, Move } from './sync-changes.ts';

const LEFT = 'left the roadmap';

/** Marks what was edited for the agents that work, or worked, by the older definition. */
export async function recordEdits(tx: Write, edits: readonly Edit[]): Promise<void> {
  for (const { id, fields, stale } of edits) {
    const change = await TaskChange.begin(tx, id);
    if (change === undefined) continue;
    change.set({ stale });
    await record(change, [{ type: 'task.edited', task: id, fields, stale: stale !== null }]);
  }
}

/** Tasks that left, came back, or whose status a person edited in the file. */
export async function moveTasks(tx: Write, moves: readonly Move[]): Promise<void> {
  for (const { id, to } of moves) {
    const change = await TaskChange.begin(tx, id);
    if (change !== undefined) await moveTask(change, to);
  }
}

async function moveTask(change: TaskChange, to: Move['to']): Promise<void> {
  const { id: task } = change;
  const tell = async (
    event: Extract<NewEvent, { type: 'task.archived' | 'task.reset' | 'task.cancelled' }>,
  ) => {
    await record(change, [event]);
  };
  switch (to) {
    case 'leaves':
      change.set({ leaving: 1, reason: `${LEFT}; archived when its attempt ends` });
      return change.flush();
    case 'stops':
      return await tell({ type: 'task.archived', task, reason: `${LEFT}; its agent was stopped` });
    case 'archived':
      return await tell({ type: 'task.archived', task, reason: LEFT });
    case 'stays':
      change.set({ leaving: 0, reason: null });
      return change.flush();
    case 'reopened':
      change.set({ satisfied: 0 });
      return await tell({ type: 'task.reset', task, by: 'roadmap' });
    case 'reset':
      return await tell({ type: 'task.reset', task, by: 'roadmap' });
    case 'cancelled':
      if (change.row.state === 'archived') break;
      return await tell({ type: 'task.cancelled', task, by: 'roadmap' });
    default:
  }
  // Finished outside of Codewalk, or archived and back: the roadmap's own fact says so.
  if (change.row.state === 'waiting_input') dropQuestions(change);
  change.move(to);
  change.set({ archived_from: null });
  if (to === 'done') change.set({ satisfied: 1, finished_at: change.row.now, reason: null, stale: null });
  change.flush();
}

/** Needs that changed may bring a task behind a failed one, or free it. */
export async function blockAndUnblock(tx: Write): Promise<void> {
  for (let id = await waitingInVain(tx); id !== undefined; id = await waitingInVain(tx)) {
    const blocker = await blockerOf(tx, id);
    const facts = blocker === undefined ? [] : await blockDependents(tx, blocker.id, blocker.state);
    if (facts.length === 0) throw new Error(`Task ${id} waits in vain, but for nobody`);
    await appendToLog(tx, facts);
  }
  await appendToLog(tx, await unblockFreed(tx));
}
