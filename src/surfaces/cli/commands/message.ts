import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { messageJson, renderMessages } from '../views/messages.ts';

const MOST_TEXT_BYTES = 262_144;
const MOST_MESSAGES = 50;

export const messageSend: Action = async (context, { args, options }) => {
  const given = String(args[1]);
  const api = await context.services.api();
  const replyTo = textOption(options.replyTo);
  const file = textOption(options.file);
  const sent = await api.send({
    to: String(args[0]),
    text: given === '-' ? await context.io.readInput(MOST_TEXT_BYTES) : given,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(file === undefined ? {} : { file }),
    ...(options.line === undefined ? {} : { line: Number(options.line) }),
  });
  if (context.json) printJson(context, messageJson(sent));
  else printLines(context, [`Sent ${sent.id} to ${safeLine(sent.to)}.`]);
  return EXIT.ok;
};

export const messageList: Action = async (context, { options }) => {
  const api = await context.services.api();
  const of = textOption(options.of);
  const messages = await api.messages({
    ...(of === undefined ? {} : { of }),
    limit: options.limit === undefined ? MOST_MESSAGES : Number(options.limit),
  });
  if (context.json) printJson(context, messages.map(messageJson));
  else if (messages.length === 0) printLines(context, ['Nothing was written yet.']);
  else printLines(context, renderMessages(messages, { now: context.services.now(), paint: context.paint }));
  return EXIT.ok;
};
