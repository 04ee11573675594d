import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { findTask } from '../input.ts';
import { printJson, printLines, warnAboutRoadmap } from '../print.ts';
import { renderTask, taskDetailJson } from '../views/task.ts';

export const taskShow: Action = async (context, { args }) => {
  await warnAboutRoadmap(context);
  const store = await context.services.store();
  const task = await findTask(context, String(args[0]));
  const source = {
    task,
    steps: await store.steps(task.id),
    questions: await store.questions({ task: task.id }),
    now: context.services.now(),
  };
  if (context.json) printJson(context, taskDetailJson(source));
  else printLines(context, renderTask(source, { width: context.io.columns(), paint: context.paint }));
  return EXIT.ok;
};
