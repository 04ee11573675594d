import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { findTask } from '../input.ts';
import { printLines } from '../print.ts';
import { safeBlock } from '../safe-text.ts';
import type { Paint } from '../style.ts';

export const taskDiff: Action = async (context, { args, options }) => {
  const store = await context.services.store();
  const task = await findTask(store, String(args[0]));
  const diff = await context.services.repository.diff(task, { stat: options.stat === true });
  if (diff.trim() === '') {
    printLines(context, [
      task.attempts === 0 ? `${task.id} has not been started yet.` : `${task.id} changed nothing.`,
    ]);
    return EXIT.ok;
  }
  // To a pipe it goes byte for byte, so that `git apply` can take it; a terminal gets nothing that acts on it.
  const text = context.io.outIsTerminal ? colourDiff(safeBlock(diff), context.paint) : diff;
  context.io.out(text.endsWith('\n') ? text : `${text}\n`);
  return EXIT.ok;
};

function colourDiff(diff: string, paint: Paint): string {
  return diff
    .split('\n')
    .map((line) => {
      if (/^(diff |index |--- |\+\+\+ |new file|deleted file|rename |similarity )/.test(line))
        return paint('bold', line);
      if (line.startsWith('@@')) return paint('cyan', line);
      if (line.startsWith('+')) return paint('green', line);
      if (line.startsWith('-')) return paint('red', line);
      return line;
    })
    .join('\n');
}
