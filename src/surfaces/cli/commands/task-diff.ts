import type { Task } from '../../../core/tasks/task.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { findTask } from '../input.ts';
import { printDiff, printNumbers } from '../print-diff.ts';

export const taskDiff: Action = async (context, { args, options }) => {
  const task = await findTask(context, String(args[0]));
  if (options.stat === true) {
    const files = await context.services.repository.diffNumbers(task);
    if (files.length === 0) sayNothing(context, task);
    else printNumbers(context, files);
    return EXIT.ok;
  }
  const diff = await context.services.repository.diff(task);
  if (diff.trim() === '') {
    sayNothing(context, task);
    return EXIT.ok;
  }
  printDiff(context, diff);
  return EXIT.ok;
};

/** On standard error: a pipe that waits for a diff gets an empty one. */
function sayNothing({ io }: CliContext, task: Task): void {
  io.err(
    task.attempts === 0 ? `${task.id} has not been started yet.\n` : `${task.id} has changed nothing.\n`,
  );
}
