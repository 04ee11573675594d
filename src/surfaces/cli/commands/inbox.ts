import type { Answered, ProjectApi } from '../../../core/api/ports.ts';
import { UsageError } from '../../../core/errors.ts';
import { present } from '../../../core/source/present.ts';
import type { HeldRemoval } from '../../../core/syncing/ports.ts';
import type { MessageRecord } from '../../../core/tasks/message.ts';
import type { QuestionRecord } from '../../../core/tasks/task.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { inboxJson, renderInbox } from '../views/inbox.ts';
import { messageJson, renderMessages } from '../views/messages.ts';
import { questionJson, renderQuestions } from '../views/questions.ts';

const MOST_ANSWER_BYTES = 262_144;
const PERSON = 'person';
/** Of those that were read. */
const MOST_MESSAGES = 200;

/** What waits for a person. */
export interface Inbox {
  readonly questions: readonly QuestionRecord[];
  readonly messages: readonly MessageRecord[];
  /** An edit of the roadmap that takes most of its open tasks away. */
  readonly held: HeldRemoval | undefined;
}

export const inboxList: Action = async (context, { options }) => {
  const api = await context.services.api();
  const all = options.all === true;
  const inbox: Inbox = {
    questions: await api.questions(all ? {} : { open: true }),
    messages: all ? await received(api) : await api.messages({ unreadBy: PERSON }),
    held: await heldEdit(api),
  };
  if (context.json) printJson(context, inboxJson(inbox));
  else printLines(context, renderInbox(inbox, { now: context.services.now(), paint: context.paint }));
  return EXIT.ok;
};

/** What was sent to the person, or to everyone by somebody else. */
async function received(api: ProjectApi): Promise<readonly MessageRecord[]> {
  const [own, shared] = await Promise.all(
    [PERSON, 'everyone'].map((of) => api.messages({ of, limit: MOST_MESSAGES })),
  );
  return [...(own ?? []), ...(shared ?? [])]
    .filter(({ to, from }) => (to === PERSON || to === 'everyone') && from !== PERSON)
    .sort((a, b) => a.sentAt - b.sentAt);
}

/** A roadmap with a mistake in it is another command's business. */
async function heldEdit(api: ProjectApi): Promise<HeldRemoval | undefined> {
  try {
    return (await api.roadmapDiff()).held;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

export const inboxRead: Action = async (context, { args }) => {
  const id = String(args[0]);
  const api = await context.services.api();
  const options = { now: context.services.now(), paint: context.paint };
  const message = (await received(api)).find((each) => each.id === id);
  if (message !== undefined) {
    await api.readMessages({ ids: [id] });
    if (context.json) printJson(context, messageJson(message));
    else printLines(context, renderMessages([message], options));
    return EXIT.ok;
  }
  const questions = await api.questions({ task: id });
  if (context.json) printJson(context, questions.map(questionJson));
  else if (questions.length === 0) printLines(context, [`${id} asked nothing.`]);
  else printLines(context, renderQuestions(questions, options));
  return EXIT.ok;
};

export const inboxAnswer: Action = async (context, { args, options }) => {
  const given = String(args[1]);
  const answer = given === '-' ? await context.io.readInput(MOST_ANSWER_BYTES) : given;
  const question = textOption(options.question);
  const api = await context.services.api();
  const answered = await api.answer({ task: String(args[0]), answer, ...present({ question }) });
  return told(context, answered, 'answered');
};

export const inboxWithdraw: Action = async (context, { args, options }) => {
  const question = textOption(options.question);
  const reason = textOption(options.reason);
  const api = await context.services.api();
  const withdrawn = await api.withdraw({ task: String(args[0]), ...present({ question, reason }) });
  return told(context, withdrawn, 'withdrawn');
};

/** What a person hears of what they did, and what comes of it. */
function told(
  context: CliContext,
  { task, openQuestions, isAtWork }: Answered,
  what: 'answered' | 'withdrawn',
): ExitCode {
  if (context.json) {
    printJson(context, { task, [what]: true, openQuestions });
    return EXIT.ok;
  }
  const next =
    openQuestions > 0
      ? `${openQuestions} more to answer: cw inbox`
      : isAtWork
        ? 'It goes on.'
        : 'It goes on with: cw run';
  printLines(context, [
    what === 'answered' ? `Answered ${task}. ${next}` : `${task} decides by itself. ${next}`,
  ]);
  return EXIT.ok;
}
