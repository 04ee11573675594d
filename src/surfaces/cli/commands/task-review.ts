import type { Reviewed } from '../../../core/api/ports.ts';
import { present } from '../../../core/source/present.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { count } from '../format.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { messageJson } from '../views/messages.ts';

const MOST_TEXT_BYTES = 262_144;

export const taskApprove: Action = async (context, { args, options }) => {
  const api = await context.services.api();
  const text = textOption(options.comment);
  const commit = textOption(options.commit);
  const reviewed = await api.review({
    task: String(args[0]),
    verdict: 'approved',
    ...present({ text, commit }),
  });
  const { unreadComments: unread, task } = reviewed;
  const note = `${count(unread, 'comment')} ${unread === 1 ? 'stays' : 'stay'} unread: the work is taken as it is.`;
  return say(context, reviewed, [`Approved ${task}. ${next(reviewed)}`, ...(unread === 0 ? [] : [note])]);
};

export const taskReject: Action = async (context, { args, options }) => {
  const api = await context.services.api();
  const commit = textOption(options.commit);
  const text = await textOf(context, args[1]);
  const reviewed = await api.review({
    task: String(args[0]),
    verdict: 'rejected',
    ...present({ text, commit }),
  });
  return say(context, reviewed, [`Sent ${reviewed.task} back to its agent. ${next(reviewed)}`]);
};

export const taskComment: Action = async (context, { args, options }) => {
  const api = await context.services.api();
  const task = String(args[0]);
  const file = textOption(options.file);
  const line = options.line === undefined ? undefined : Number(options.line);
  const text = (await textOf(context, args[1])) ?? '';
  const { message, waitsForApproval } = await api.comment({ task, text, ...present({ file, line }) });
  const when = waitsForApproval
    ? `Its agent reads it when you send the work back: cw task reject ${task}`
    : 'Its agent reads it at its next turn.';
  if (context.json) printJson(context, messageJson(message));
  else printLines(context, [`Commented on ${task}. ${when}`]);
  return EXIT.ok;
};

async function textOf({ io }: CliContext, given: unknown): Promise<string | undefined> {
  if (given === undefined) return undefined;
  return given === '-' ? await io.readInput(MOST_TEXT_BYTES) : String(given);
}

function next({ isAtWork, openQuestions }: Reviewed): string {
  if (openQuestions > 0) return `${openQuestions} more to answer: cw inbox`;
  return isAtWork ? 'It goes on.' : 'It goes on with: cw run';
}

function say(context: CliContext, { task, openQuestions }: Reviewed, lines: readonly string[]): ExitCode {
  if (context.json) printJson(context, { task, reviewed: true, openQuestions });
  else printLines(context, lines);
  return EXIT.ok;
}
