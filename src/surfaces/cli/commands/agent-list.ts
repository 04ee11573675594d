import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines } from '../print.ts';
import { agentJson, renderAgents } from '../views/agents.ts';

export const agentList: Action = async (context, { options }) => {
  const all = options.all === true;
  const views = await (await context.services.api()).agents({ all });
  const now = context.services.now();
  if (context.json) {
    printJson(
      context,
      views.map((view) => agentJson(view, now)),
    );
  } else if (views.length === 0) {
    printLines(context, [
      all ? 'No agent has worked here yet.' : 'No agent is at work. Those that are done: cw agent list --all',
    ]);
  } else {
    const agents = views.map(({ agent }) => agent);
    printLines(context, renderAgents(agents, { now, width: context.io.columns(), paint: context.paint }));
  }
  return EXIT.ok;
};
