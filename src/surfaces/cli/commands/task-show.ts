import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines, warnOfRoadmap } from '../print.ts';
import { renderTask, taskDetailJson } from '../views/task.ts';

export const taskShow: Action = async (context, { args }) => {
  const details = await (await context.services.api()).task({ task: String(args[0]) });
  warnOfRoadmap(context, details);
  const source = { ...details, now: context.services.now() };
  if (context.json) printJson(context, taskDetailJson(source));
  else printLines(context, renderTask(source, { width: context.io.columns(), paint: context.paint }));
  return EXIT.ok;
};
