import type { Task } from '../../../core/tasks/task.ts';
import type { Action } from '../actions.ts';
import type { CliContext, FileNumbers } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { count } from '../format.ts';
import { findTask } from '../input.ts';
import { printLines } from '../print.ts';
import { safeBlock, safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';
import { pad, textWidth } from '../width.ts';

export const taskDiff: Action = async (context, { args, options }) => {
  const task = await findTask(context, String(args[0]));
  if (options.stat === true) {
    const files = await context.services.repository.diffNumbers(task);
    if (files.length === 0) sayNothing(context, task);
    else printLines(context, renderNumbers(files, context.paint));
    return EXIT.ok;
  }
  const diff = await context.services.repository.diff(task);
  if (diff.trim() === '') {
    sayNothing(context, task);
    return EXIT.ok;
  }
  // To a pipe it goes byte for byte, so that `git apply` can take it; a terminal gets nothing that acts on it.
  const text = context.io.outIsTerminal ? colourDiff(safeBlock(diff), context.paint) : diff;
  context.io.out(text.endsWith('\n') ? text : `${text}\n`);
  return EXIT.ok;
};

/** On standard error: a pipe that waits for a diff gets an empty one. */
function sayNothing({ io }: CliContext, task: Task): void {
  io.err(
    task.attempts === 0 ? `${task.id} has not been started yet.\n` : `${task.id} has changed nothing.\n`,
  );
}

function renderNumbers(files: readonly FileNumbers[], paint: Paint): string[] {
  const names = files.map((file) => safeLine(file.path));
  const width = Math.max(...names.map(textWidth));
  const lines = files.map((file, i) => {
    const name = pad(names[i] ?? '', width);
    if (file.binary) return `${name}  binary`;
    const added = paint('green', `+${file.insertions}`.padStart(6));
    return `${name}  ${added} ${paint('red', `-${file.deletions}`.padStart(6))}`;
  });
  const insertions = files.reduce((sum, file) => sum + file.insertions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return [...lines, `${count(files.length, 'file')}, +${insertions} -${deletions}`];
}

function colourDiff(diff: string, paint: Paint): string {
  return diff
    .split('\n')
    .map((line) => {
      if (/^(diff |index |--- |\+\+\+ |new file|deleted file|rename |similarity )/.test(line)) {
        return paint('bold', line);
      }
      if (line.startsWith('@@')) return paint('cyan', line);
      if (line.startsWith('+')) return paint('green', line);
      if (line.startsWith('-')) return paint('red', line);
      return line;
    })
    .join('\n');
}
