import { UsageError } from '../../../core/errors.ts';
import { nearest } from '../../../core/source/nearest.ts';
import { quoted } from '../../../core/source/problem.ts';
import type { Task } from '../../../core/tasks/task.ts';
import type { FileNumbers, WorkChanges } from '../../../core/workspaces/ports.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { findTask, words } from '../input.ts';
import { printJson } from '../print.ts';
import { printDiff, printNumbers, sumOf } from '../print-diff.ts';

/** `git apply` needs all of it; a longer one is made with git itself. */
const MOST_PIPED_BYTES = 64 * 1_048_576;
/** What anybody may want to scroll through, or a program to hold. */
const MOST_SHOWN_BYTES = 1_048_576;

export const taskDiff: Action = async (context, { args, options }) => {
  const { repository } = context.services;
  const task = await findTask(context, String(args[0]));
  const all = await repository.changes(task);
  const wanted = words(options.file);
  const files = wanted.length === 0 ? (all?.files ?? []) : filesOf(task, all, wanted);
  const onlyNumbers = options.stat === true;
  const text = async (maxBytes: number): Promise<string> => {
    if (all === undefined || files.length === 0) return '';
    const paths = files.flatMap(({ path, from }) => (from === undefined ? [path] : [from, path]));
    return await repository.diff(all, { maxBytes, ...(wanted.length === 0 ? {} : { paths }) });
  };
  if (context.json) {
    printJson(context, {
      ...changesJson(task, all, files),
      ...(onlyNumbers ? {} : { diff: await text(MOST_SHOWN_BYTES) }),
    });
  } else if (files.length === 0) sayNothing(context, task);
  else if (onlyNumbers) printNumbers(context, files);
  else if (context.io.outIsTerminal) {
    printNumbers(context, files);
    context.io.out('\n');
    printDiff(context, await text(MOST_SHOWN_BYTES));
  } else printDiff(context, await text(MOST_PIPED_BYTES));
  return EXIT.ok;
};

function changesJson(task: Task, all: WorkChanges | undefined, files: readonly FileNumbers[]) {
  const { insertions, deletions } = sumOf(files);
  return {
    task: task.id,
    state: task.state,
    from: all?.from ?? null,
    to: all?.to ?? null,
    files,
    insertions,
    deletions,
  };
}

function filesOf(
  task: Task,
  all: WorkChanges | undefined,
  wanted: readonly string[],
): readonly FileNumbers[] {
  const known = all?.files ?? [];
  return wanted.map((text) => {
    const file = known.find(({ path, from }) => path === text || from === text);
    if (file !== undefined) return file;
    const meant = nearest(
      text,
      known.map(({ path }) => path),
    );
    throw new UsageError('UNKNOWN_FILE', `${task.id} has not changed ${quoted(text)}`, {
      advice:
        meant === undefined
          ? `see what it changed: cw task diff ${task.id} --stat`
          : `did you mean ${meant}?`,
    });
  });
}

/** On standard error: a pipe that waits for a diff gets an empty one. */
function sayNothing({ io }: CliContext, task: Task): void {
  io.err(
    task.attempts === 0 ? `${task.id} has not been started yet.\n` : `${task.id} has changed nothing.\n`,
  );
}
