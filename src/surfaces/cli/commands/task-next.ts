import { roleOf } from '../../../core/dispatch/accounts-of.ts';
import type { NextFilter } from '../../../core/planning/next-tasks.ts';
import { PlanNext } from '../../../core/planning/plan-next.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { stateWords, textOption } from '../input.ts';
import { printJson, printLines, warnAboutRoadmap } from '../print.ts';
import { nextJson, renderNext } from '../views/task-next.ts';

export const taskNext: Action = async (context, { options }) => {
  const filter = filterOf(options);
  await warnAboutRoadmap(context, 'plan-next');
  const config = await context.services.config();
  const plan = new PlanNext(await context.services.store(), (definition) => roleOf(definition, config));
  const answer = await plan.next(filter);
  if (context.json) printJson(context, nextJson(answer));
  else if (answer.tasks.length > 0) {
    const { io, paint } = context;
    printLines(context, renderNext(answer.tasks, { width: io.columns(), paint }));
  } else printLines(context, ['No such task is next. All of them: cw task list']);
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
