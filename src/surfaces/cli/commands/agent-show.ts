import { join } from 'node:path';
import type { AgentRecord } from '../../../core/agents/history.ts';
import { resumeByHand } from '../../../core/agents/resume-by-hand.ts';
import type { Config } from '../../../core/config/schema.ts';
import { CodewalkError } from '../../../core/errors.ts';
import type { Task } from '../../../core/tasks/task.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { findTask, textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { type AgentView, agentJson, renderAgent } from '../views/agents.ts';

export const agentShow: Action = async (context, { args, options }) => {
  const store = await context.services.store();
  const task = await findTask(context, String(args[0]));
  const role = textOption(options.agent);
  const known = await store.agents({ task: task.id });
  const agents = known.filter(({ step }) => role === undefined || step.agent === role);
  if (agents.length === 0) throw noAgent(task, role, known);
  const config = await context.services.config();
  const { stateDirectory } = await context.services.project();
  const views = agents.map((agent) => viewOf(agent, { config, stateDirectory }));
  const now = context.services.now();
  if (context.json) {
    printJson(
      context,
      views.map((view) => agentJson(view, now)),
    );
  } else {
    printLines(
      context,
      views.flatMap((view, index) => [
        ...(index === 0 ? [] : ['']),
        ...renderAgent(view, { now, paint: context.paint }),
      ]),
    );
  }
  return EXIT.ok;
};

/** An agent with the way to go on with it by hand: an agent at work is not to be joined, and a done one is over. */
export function viewOf(agent: AgentRecord, place: { config: Config; stateDirectory: string }): AgentView {
  const { step, session, status, task, taskState, worktree } = agent;
  const provider = place.config.providers[step.provider];
  const isFree = status !== 'working' && taskState !== 'done';
  if (provider === undefined || !isFree) return { agent, byHand: undefined };
  const { type, command } = provider;
  const isShutIn = step.sandbox !== undefined && step.sandbox !== 'off';
  const home = isShutIn ? join(place.stateDirectory, 'homes', task, 'home') : undefined;
  return { agent, byHand: resumeByHand({ type, command, session, worktree, home }) };
}

/** Nobody of that name has worked on the task. */
export function noAgent(task: Task, role: string | undefined, known: readonly AgentRecord[]): CodewalkError {
  const names = known.map(({ step }) => step.agent).join(', ');
  return new CodewalkError(
    'NO_AGENT',
    `no agent${role === undefined ? '' : ` ${role}`} has worked on ${task.id} yet`,
    { advice: names === '' ? 'start it: cw run' : `those that have: ${names}` },
  );
}
