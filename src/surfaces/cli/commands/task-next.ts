import type { NextFilter } from '../../../core/planning/next-tasks.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { stateWords, textOption } from '../input.ts';
import { printJson, printLines, warnOfRoadmap } from '../print.ts';
import { projectPauseLines } from '../views/pauses.ts';
import { nextJson, renderNext } from '../views/task-next.ts';

export const taskNext: Action = async (context, { options }) => {
  const filter = filterOf(options);
  const answer = await (await context.services.api()).next(filter);
  warnOfRoadmap(context, answer);
  if (context.json) printJson(context, nextJson(answer));
  else if (answer.tasks.length > 0) {
    const { io, paint } = context;
    printLines(context, renderNext(answer.tasks, { width: io.columns(), paint }));
  } else printLines(context, ['No such task is next. All of them: cw task list']);
  if (!context.json) printLines(context, projectPauseLines(answer.paused, context.paint));
  return EXIT.ok;
};

function filterOf(options: Readonly<Record<string, unknown>>): NextFilter {
  const states = stateWords(options.state);
  const texts = ['initiative', 'phase', 'plan', 'domain', 'agent'].flatMap((name) => {
    const text = textOption(options[name]);
    return text === undefined ? [] : [[name, text]];
  });
  return {
    ...Object.fromEntries(texts),
    ...(states.length === 0 ? {} : { states }),
    ...(options.limit === undefined ? {} : { limit: Number(options.limit) }),
  };
}
