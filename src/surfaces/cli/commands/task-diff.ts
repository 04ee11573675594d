import type { TaskDiff } from '../../../core/api/ports.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { words } from '../input.ts';
import { printJson } from '../print.ts';
import { printDiff, printNumbers, sumOf } from '../print-diff.ts';

/** `git apply` needs all of it; a longer one is made with git itself. */
const MOST_PIPED_BYTES = 64 * 1_048_576;
/** What anybody may want to scroll through, or a program to hold. */
const MOST_SHOWN_BYTES = 1_048_576;

export const taskDiff: Action = async (context, { args, options }) => {
  const files = words(options.file);
  const onlyNumbers = options.stat === true;
  const isShown = context.json || context.io.outIsTerminal;
  const diff = await (await context.services.api()).diff({
    task: String(args[0]),
    maxBytes: onlyNumbers ? 0 : isShown ? MOST_SHOWN_BYTES : MOST_PIPED_BYTES,
    ...(files.length === 0 ? {} : { files }),
  });
  if (context.json) printJson(context, { ...changesJson(diff), ...(onlyNumbers ? {} : { diff: diff.text }) });
  else if (diff.files.length === 0) sayNothing(context, diff);
  else if (onlyNumbers) printNumbers(context, diff.files);
  else if (context.io.outIsTerminal) {
    printNumbers(context, diff.files);
    context.io.out('\n');
    printDiff(context, diff.text);
  } else printDiff(context, diff.text);
  return EXIT.ok;
};

function changesJson({ task, state, from, to, files }: TaskDiff) {
  return { task, state, from: from ?? null, to: to ?? null, files, ...sumOf(files) };
}

/** On standard error: a pipe that waits for a diff gets an empty one. */
function sayNothing({ io }: CliContext, { task, attempts }: TaskDiff): void {
  io.err(attempts === 0 ? `${task} has not been started yet.\n` : `${task} has changed nothing.\n`);
}
