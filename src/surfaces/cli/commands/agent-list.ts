import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines } from '../print.ts';
import { agentJson, renderAgents } from '../views/agents.ts';
import { viewOf } from './agent-show.ts';

const MOST_TASKS = 1_000;

export const agentList: Action = async (context, { options }) => {
  const store = await context.services.store();
  const all = options.all === true;
  const agents = await store.agents({ all, limit: MOST_TASKS });
  const now = context.services.now();
  if (context.json) {
    const config = await context.services.config();
    const { stateDirectory } = await context.services.project();
    printJson(
      context,
      agents.map((agent) => agentJson(viewOf(agent, { config, stateDirectory }), now)),
    );
  } else if (agents.length === 0) {
    printLines(context, [
      all ? 'No agent has worked here yet.' : 'No agent is at work. Those that are done: cw agent list --all',
    ]);
  } else {
    printLines(context, renderAgents(agents, { now, width: context.io.columns(), paint: context.paint }));
  }
  return EXIT.ok;
};
