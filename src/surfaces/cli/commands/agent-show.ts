import type { AgentView } from '../../../core/api/ports.ts';
import { CodewalkError } from '../../../core/errors.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { agentJson, renderAgent } from '../views/agents.ts';

export const agentShow: Action = async (context, { args, options }) => {
  const task = String(args[0]);
  const role = textOption(options.agent);
  const known = await (await context.services.api()).agents({ task });
  const views = known.filter(({ agent }) => role === undefined || agent.step.agent === role);
  if (views.length === 0) throw noAgent(task, role, known);
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

/** Nobody of that name has worked on the task. */
export function noAgent(
  task: string,
  role: string | undefined,
  known: readonly Pick<AgentView, 'agent'>[],
): CodewalkError {
  const names = known.map(({ agent }) => agent.step.agent).join(', ');
  return new CodewalkError(
    'NO_AGENT',
    `no agent${role === undefined ? '' : ` ${role}`} has worked on ${task} yet`,
    { advice: names === '' ? 'start it: cw run' : `those that have: ${names}` },
  );
}
