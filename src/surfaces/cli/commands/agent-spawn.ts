import { present } from '../../../core/source/present.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { textOption, words } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { runAndReport } from './run.ts';
import { promptText } from './task-add.ts';

/** A one-off task goes the way of every task: worktree, steps, merge. Only its definition is not in the roadmap. */
export const agentSpawn: Action = async (context, { args, options }) => {
  const prompt = await promptText(context, String(args[1]));
  const api = await context.services.api();
  const { task, isAtWork } = await api.spawnAgent({
    agent: String(args[0]),
    prompt,
    files: words(options.files),
    ...present({ id: textOption(options.id) }),
  });
  if (isAtWork) {
    if (context.json) printJson(context, { task, startedBy: 'running orchestrator' });
    else {
      printLines(context, [`Added ${task}. The orchestrator at work takes it: cw task logs ${task} -f`]);
    }
    return EXIT.ok;
  }
  return await runAndReport(context, { only: [task], roadmap: false, plain: false, verbose: false });
};
