import type { Action } from '../actions.ts';
import { printCommanded } from './task-commands.ts';

/** Stopping an agent is cancelling a task that is at work; a task that waits has no agent to stop. */
export const agentStop: Action = async (context, { args }) => {
  const api = await context.services.api();
  const commanded = await api.stopAgent({ task: String(args[0]) });
  return printCommanded(
    context,
    commanded,
    (id) => `The agent of ${id} is being stopped; the task is cancelled.`,
  );
};
