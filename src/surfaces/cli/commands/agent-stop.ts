import { CodewalkError } from '../../../core/errors.ts';
import { decideCancel } from '../../../core/tasks/commands.ts';
import { ACTIVE_STATES, type TaskState } from '../../../core/tasks/states.ts';
import type { Action } from '../actions.ts';
import { findTask } from '../input.ts';
import { commandTasks, PERSON, saveCancelled } from './task-commands.ts';

/** Stopping an agent is cancelling a task that is at work; a task that waits has no agent to stop. */
export const agentStop: Action = async (context, { args }) => {
  const task = await findTask(context, String(args[0]));
  if (!(ACTIVE_STATES as readonly TaskState[]).includes(task.state)) {
    throw new CodewalkError('NOT_RUNNING', `no agent works on ${task.id}`, {
      advice: `cw agent list shows those at work; to take the task out: cw task cancel ${task.id}`,
    });
  }
  return await commandTasks(context, [task.id], {
    decide: (current) => decideCancel(current, PERSON),
    done: (id) => `The agent of ${id} is being stopped; the task is cancelled.`,
    afterwards: saveCancelled,
  });
};
