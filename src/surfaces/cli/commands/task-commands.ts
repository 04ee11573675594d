import type { Commanded } from '../../../core/api/ports.ts';
import { CodewalkError } from '../../../core/errors.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { words } from '../input.ts';
import { printJson, printLines, warnOfRoadmap } from '../print.ts';

export const taskRetry: Action = async (context, { args }) => {
  const api = await context.services.api();
  const commanded = await api.retry({ tasks: words(args[0]) });
  return printCommanded(context, commanded, (id) => `${id} is back in the queue.`);
};

export const taskCancel: Action = async (context, { args }) => {
  const api = await context.services.api();
  const commanded = await api.cancel({ tasks: words(args[0]) });
  return printCommanded(context, commanded, (id) => `${id} is cancelled.`);
};

/** Says what became of each task. All refusals are thrown together in the end. */
export function printCommanded(
  context: CliContext,
  commanded: Commanded,
  done: (id: string) => string,
): ExitCode {
  warnOfRoadmap(context, commanded);
  const { results } = commanded;
  const refusals = results.filter((each) => each.kind === 'refused');
  if (context.json) {
    printJson(
      context,
      results.map((each) => ({
        task: each.task,
        done: each.kind === 'done',
        reason: each.kind === 'refused' ? each.reason : null,
        advice: each.kind === 'refused' ? each.advice : null,
      })),
    );
  } else {
    for (const each of results) {
      if (each.kind === 'refused') continue;
      const saved = each.saved && `What lay in its worktree is saved: cw recover show ${each.saved}`;
      printLines(context, [done(each.task), ...(saved === undefined ? [] : [saved])]);
    }
  }
  if (refusals.length === 0) return EXIT.ok;
  throw new CodewalkError('REFUSED', refusals.map((each) => each.reason).join('\n'), {
    advice: refusals[0]?.advice,
  });
}
