import { present } from '../../../core/source/present.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { questionJson, renderQuestions } from '../views/questions.ts';

const MOST_ANSWER_BYTES = 262_144;

export const inboxList: Action = async (context, { options }) => {
  const api = await context.services.api();
  const questions = await api.questions(options.all === true ? {} : { open: true });
  if (context.json) printJson(context, questions.map(questionJson));
  else if (questions.length === 0) printLines(context, ['No agent waits for an answer.']);
  else printLines(context, renderQuestions(questions, { now: context.services.now(), paint: context.paint }));
  return EXIT.ok;
};

export const inboxAnswer: Action = async (context, { args, options }) => {
  const given = String(args[1]);
  const answer = given === '-' ? await context.io.readInput(MOST_ANSWER_BYTES) : given;
  const question = textOption(options.question);
  const api = await context.services.api();
  const answered = await api.answer({ task: String(args[0]), answer, ...present({ question }) });
  const { task, openQuestions, isAtWork } = answered;
  if (context.json) printJson(context, { task, answered: true, openQuestions });
  else {
    const next =
      openQuestions > 0
        ? `${openQuestions} more to answer: cw inbox`
        : isAtWork
          ? 'It goes on.'
          : 'It goes on with: cw run';
    printLines(context, [`Answered ${task}. ${next}`]);
  }
  return EXIT.ok;
};
