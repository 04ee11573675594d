import type { NewEvent } from '../../core/events/event.ts';
import type { TaskId } from '../../core/ids.ts';
import type { CommandOutcome } from '../../core/tasks/ports.ts';
import type { Task } from '../../core/tasks/task.ts';
import { isRunFact } from './projections/kinds.ts';
import { record } from './projections/record.ts';
import { TaskChange } from './projections/task-change.ts';
import { taskOf } from './read-tasks.ts';
import type { Write } from './session.ts';

/** Lets `decide` see the task as it is and makes what it returns, with nobody else writing in between. */
export async function command(
  tx: Write,
  id: TaskId,
  decide: (task: Task) => readonly NewEvent[] | { refused: string; advice: string },
): Promise<CommandOutcome> {
  const task = await taskOf(tx, id);
  const change = await TaskChange.begin(tx, id);
  if (task === undefined || change === undefined) return { kind: 'unknown-task' };
  const decision = decide(task);
  if ('refused' in decision) return { kind: 'refused', reason: decision.refused, advice: decision.advice };
  if (decision.length === 0) return { kind: 'recorded', seq: await tx.log.head() };
  const events = decision.filter((event) => !isRunFact(event));
  if (events.length < decision.length) throw new Error('A command makes facts of its task only');
  return { kind: 'recorded', seq: await record(change, events) };
}
