import type { AskOutcome } from '../../../core/door/ports.ts';
import { DECIDE_YOURSELF, END_NOW } from '../../../core/door/words.ts';
import { UsageError } from '../../../core/errors.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { textOption, words } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { safeBlock, safeLine } from '../safe-text.ts';

const MOST_INPUT_BYTES = 262_144;
const SMALLEST_PERCENT = 0;
const LARGEST_PERCENT = 100;

export const ask: Action = async (context, { args, options }) => {
  const choices = words(options.option);
  const question = {
    id: 'q1',
    question: String(args[0]),
    ...(choices.length === 0 ? {} : { options: [...choices] }),
  };
  const desk = await context.services.desk();
  const outcome = await desk.ask([question], context.stopSignal());
  if (context.json) printJson(context, outcome);
  else printLines(context, answerLines(outcome));
  return outcome.kind === 'later' ? EXIT.waiting : EXIT.ok;
};

function answerLines(outcome: AskOutcome): string[] {
  const given = outcome.answers.map(({ answer }) => safeBlock(answer ?? DECIDE_YOURSELF));
  return outcome.kind === 'later' ? [...given, END_NOW] : given;
}

/** An agent speaks for its task; whoever else calls this is a person. */
export const tell: Action = async (context, input) => {
  if (!context.services.inTurn) {
    const { messageSend } = await import('./message.ts');
    return await messageSend(context, input);
  }
  const { args, options } = input;
  const replyTo = textOption(options.replyTo);
  const given = String(args[1]);
  const desk = await context.services.desk();
  const text = given === '-' ? await context.io.readInput(MOST_INPUT_BYTES) : given;
  const to = String(args[0]);
  const { id } = await desk.send({ to, text, ...(replyTo === undefined ? {} : { replyTo }) });
  if (context.json) printJson(context, { id });
  else printLines(context, [`Sent ${id} to ${safeLine(to)}.`]);
  return EXIT.ok;
};

/** What is new to an agent at work; a person, who has the inbox for that, sees what was written. */
export const messages: Action = async (context, input) => {
  if (!context.services.inTurn) {
    const { messageList } = await import('./message.ts');
    return await messageList(context, input);
  }
  const unread = await (await context.services.desk()).messages();
  if (context.json) printJson(context, unread);
  else if (unread.length === 0) printLines(context, ['No new messages.']);
  else {
    printLines(
      context,
      unread.flatMap(({ id, from, text, file, line }) => [
        `${safeLine(id)} from ${safeLine(from)}${file === undefined ? '' : ` about ${safeLine(file)}${line === undefined ? '' : `:${line}`}`}:`,
        ...safeBlock(text)
          .split('\n')
          .map((each) => `  ${each}`),
      ]),
    );
  }
  return EXIT.ok;
};

export const report: Action = async (context, { args, options }) => {
  const text = textOption(args[0]);
  const given = textOption(options.result);
  if ((text === undefined) === (given === undefined)) {
    throw new UsageError('USAGE', 'cw report takes either a text or --result', {
      advice: 'say how far you are: cw report "half of the tests pass" --percent 50',
    });
  }
  const desk = await context.services.desk();
  if (text !== undefined) {
    const percent = percentOf(options.percent);
    await desk.report({ text, ...(percent === undefined ? {} : { percent }) });
    return EXIT.ok;
  }
  const source = given === '-' ? await context.io.readInput(MOST_INPUT_BYTES) : String(given);
  await desk.result(parseResult(source));
  return EXIT.ok;
};

function percentOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const percent = Number(value);
  if (percent >= SMALLEST_PERCENT && percent <= LARGEST_PERCENT) return percent;
  throw new UsageError('BAD_PERCENT', `${String(value)} is no percentage`, {
    advice: 'give a number from 0 to 100',
  });
}

/** The door checks what is in it: it answers to every agent, not only to this command. */
function parseResult(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('BAD_JSON', 'the result is no JSON', {
      advice: 'give one object, such as {"status":"done","summary":"…"}',
    });
  }
}
