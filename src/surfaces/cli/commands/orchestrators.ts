import { UsageError } from '../../../core/errors.ts';
import type { OrchestratorRecord } from '../../../core/tasks/task.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { orchestratorJson, renderOrchestrators } from '../views/orchestrators.ts';
import { PERSON } from './task-commands.ts';

export const orchestratorsList: Action = async (context, { options }) => {
  const { services, io, paint } = context;
  const { heartbeatMs } = (await services.config()).lease;
  const list = await read(context, { lost: options.all === true });
  if (context.json)
    printJson(
      context,
      list.map((one) => orchestratorJson(one, heartbeatMs)),
    );
  else if (list.length === 0) printLines(context, ['No orchestrator is at work.', '    cw run']);
  else {
    const now = services.now();
    printLines(context, renderOrchestrators(list, { now, heartbeatMs, width: io.columns(), paint }));
  }
  return EXIT.ok;
};

export const orchestratorsStop: Action = async (context, { args }) => {
  const { id } = await find(context, String(args[0]));
  const store = await context.services.store();
  if (!(await store.dismiss(id, PERSON))) throw unknown(id);
  if (context.json) printJson(context, { id, state: 'stopping' });
  else printLines(context, [`${safeLine(id)} finishes its turns, gives the rest back and ends.`]);
  return EXIT.ok;
};

async function read(
  { services }: CliContext,
  filter: { lost: boolean },
): Promise<readonly OrchestratorRecord[]> {
  return (await services.hasState()) ? await (await services.store()).orchestrators(filter) : [];
}

/** The one at work whose id is, or begins with, `text`. */
async function find(context: CliContext, text: string): Promise<OrchestratorRecord> {
  const list = await read(context, { lost: false });
  const exact = list.find(({ id }) => id === text);
  if (exact !== undefined) return exact;
  const found = list.filter(({ id }) => id.startsWith(text));
  const [only] = found;
  if (only === undefined) throw unknown(text);
  if (found.length === 1) return only;
  throw new UsageError('AMBIGUOUS_ID', `${found.length} orchestrators begin with "${text}"`, {
    advice: `Say which: ${found.map(({ id }) => id).join(', ')}.`,
  });
}

function unknown(id: string): UsageError {
  return new UsageError('UNKNOWN_ORCHESTRATOR', `No orchestrator "${id}" is at work`, {
    advice: 'cw orchestrators shows them.',
  });
}
