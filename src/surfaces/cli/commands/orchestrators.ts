import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { orchestratorJson, renderOrchestrators } from '../views/orchestrators.ts';
import { projectPauseLines } from '../views/pauses.ts';

export const orchestratorsList: Action = async (context, { options }) => {
  const { services, io, paint } = context;
  const api = await services.api();
  const { orchestrators, heartbeatMs, paused } = await api.orchestrators({ lost: options.all === true });
  if (context.json)
    printJson(
      context,
      orchestrators.map((one) => orchestratorJson(one, { heartbeatMs, paused })),
    );
  else if (orchestrators.length === 0) printLines(context, ['No orchestrator is at work.', '    cw run']);
  else {
    const now = services.now();
    const width = io.columns();
    printLines(context, renderOrchestrators(orchestrators, { now, heartbeatMs, paused, width, paint }));
  }
  if (!context.json) printLines(context, projectPauseLines(paused, paint));
  return EXIT.ok;
};

export const orchestratorsStop: Action = async (context, { args }) => {
  const { id } = await (await context.services.api()).dismiss({ id: String(args[0]) });
  if (context.json) printJson(context, { id, state: 'stopping' });
  else printLines(context, [`${safeLine(id)} finishes its turns, gives the rest back and ends.`]);
  return EXIT.ok;
};
