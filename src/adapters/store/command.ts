import type { TaskId } from '../../core/ids.ts';
import type { CommandOutcome, Store } from '../../core/tasks/ports.ts';
import { isRunFact } from './projections/kinds.ts';
import { record } from './projections/record.ts';
import { TaskChange } from './projections/task-change.ts';
import { questionsOf } from './read-records.ts';
import { taskOf } from './read-tasks.ts';
import type { Write } from './session.ts';

/** Lets `decide` see the task as it is and makes what it returns, with nobody else writing in between. */
export async function command(
  tx: Write,
  id: TaskId,
  decide: Parameters<Store['command']>[1],
): Promise<CommandOutcome> {
  const task = await taskOf(tx, id);
  const change = await TaskChange.begin(tx, id);
  if (task === undefined || change === undefined) return { kind: 'unknown-task' };
  const decision = decide(task, await questionsOf(tx, { open: true, task: id }));
  if ('refused' in decision) return { kind: 'refused', reason: decision.refused, advice: decision.advice };
  if (decision.length === 0) return { kind: 'recorded', seq: await tx.log.head() };
  const events = decision.filter((event) => !isRunFact(event));
  if (events.length < decision.length) throw new Error('A command makes facts of its task only');
  return { kind: 'recorded', seq: await record(change, events) };
}
