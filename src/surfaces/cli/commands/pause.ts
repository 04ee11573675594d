import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { count } from '../format.ts';
import { textOption, words } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { pauseJson, pauseText } from '../views/pauses.ts';
import { printCommanded } from './task-commands.ts';

export const pause: Action = async (context, { args, options }) => {
  const api = await context.services.api();
  const reason = textOption(args[0]);
  const now = options.now === true;
  const made = await api.pauseProject({ now, ...(reason === undefined ? {} : { reason }) });
  if (context.json) {
    const { stood, stopped, atWork } = made;
    printJson(context, { paused: pauseJson(made.pause), stood, stopped, atWork });
    return EXIT.ok;
  }
  const lines = [
    made.stood
      ? `The project is ${safeLine(pauseText(made.pause))}, since before.`
      : 'The project is paused: nothing is begun any more.',
  ];
  if (made.stopped.length > 0) {
    lines.push(`Stopped, with its work saved: ${safeLine(made.stopped.join(', '))}`);
  }
  if (made.atWork.length > 0) {
    const who = `${count(made.atWork.length, 'task')} at work ${made.atWork.length === 1 ? 'is' : 'are'} finished`;
    lines.push(now ? `${who}: the merge is under way.` : `${who} first. To stop them too: cw pause --now`);
  }
  printLines(context, [...lines, 'It goes on with: cw resume']);
  return EXIT.ok;
};

export const resume: Action = async (context) => {
  const { was, ready, isAtWork } = await (await context.services.api()).resumeProject();
  if (context.json) {
    printJson(context, { resumed: was !== undefined, was: pauseJson(was), ready, isAtWork });
    return EXIT.ok;
  }
  const next = isAtWork ? 'Whoever is at work goes on with them.' : 'Start them with: cw run';
  const can = `${count(ready, 'task')} can begin.${ready === 0 ? '' : ` ${next}`}`;
  printLines(context, [was === undefined ? 'The project is not paused.' : `The project goes on. ${can}`]);
  return EXIT.ok;
};

export const taskPause: Action = async (context, { args, options }) => {
  const api = await context.services.api();
  const reason = textOption(options.reason);
  const commanded = await api.pauseTasks({
    tasks: words(args[0]),
    ...(reason === undefined ? {} : { reason }),
  });
  return printCommanded(context, commanded, (id) => `${id} is paused. It goes on with: cw task resume ${id}`);
};

export const taskResume: Action = async (context, { args }) => {
  const api = await context.services.api();
  const commanded = await api.resumeTasks({ tasks: words(args[0]) });
  return printCommanded(context, commanded, (id) => `${id} goes on where it stood.`);
};
