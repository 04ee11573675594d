import { CodewalkError } from '../../../core/errors.ts';
import { decideAnswer } from '../../../core/tasks/commands.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { findTask, textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { questionJson, renderQuestions } from '../views/questions.ts';
import { PERSON } from './task-commands.ts';

const MOST_ANSWER_BYTES = 262_144;

export const inboxList: Action = async (context, { options }) => {
  const store = await context.services.store();
  const questions = await store.questions(options.all === true ? undefined : { open: true });
  if (context.json) printJson(context, questions.map(questionJson));
  else if (questions.length === 0) printLines(context, ['No agent waits for an answer.']);
  else printLines(context, renderQuestions(questions, { now: context.services.now(), paint: context.paint }));
  return EXIT.ok;
};

export const inboxAnswer: Action = async (context, { args, options }) => {
  const store = await context.services.store();
  const task = await findTask(context, String(args[0]));
  const given = String(args[1]);
  const answer = given === '-' ? await context.io.readInput(MOST_ANSWER_BYTES) : given;
  const open = await store.questions({ open: true, task: task.id });
  const outcome = await store.command(task.id, (current) =>
    decideAnswer(current, { open, questionId: textOption(options.question), answer, by: PERSON }),
  );
  if (outcome.kind === 'refused')
    throw new CodewalkError('REFUSED', outcome.reason, { advice: outcome.advice });
  const left = (await store.questions({ open: true, task: task.id })).length;
  if (context.json) printJson(context, { task: task.id, answered: true, openQuestions: left });
  else {
    const atWork = (await store.orchestrators()).length > 0;
    const next =
      left > 0 ? `${left} more to answer: cw inbox` : atWork ? 'It goes on.' : 'It goes on with: cw run';
    printLines(context, [`Answered ${task.id}. ${next}`]);
  }
  return EXIT.ok;
};
