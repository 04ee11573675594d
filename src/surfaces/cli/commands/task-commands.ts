import { CodewalkError } from '../../../core/errors.ts';
import { type CommandDecision, decideCancel, decideRetry } from '../../../core/tasks/commands.ts';
import type { Task } from '../../../core/tasks/task.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findTask, words } from '../input.ts';
import { printJson, printLines, warnAboutRoadmap } from '../print.ts';

/** Who the event log names for commands from a terminal. */
export const PERSON = 'person';

export const taskRetry: Action = async (context, { args }) => {
  await warnAboutRoadmap(context);
  return await commandTasks(context, words(args[0]), {
    decide: (task) => decideRetry(task, PERSON),
    done: (id) => `${id} is back in the queue.`,
  });
};

export const taskCancel: Action = async (context, { args }) => {
  await warnAboutRoadmap(context);
  return await commandTasks(context, words(args[0]), {
    decide: (task) => decideCancel(task, PERSON),
    done: (id) => `${id} is cancelled.`,
    afterwards: saveCancelled,
  });
};

/** Whoever works on the task saves its work while it stops; what nobody works on is saved here. */
export async function saveCancelled({ services }: CliContext, before: Task): Promise<string | undefined> {
  const saved = await services.recovery.saveCancelled(before);
  return saved && `What lay in its worktree is saved: cw recover show ${saved.id}`;
}

/**
 * Commands each task in turn, in a transaction of its own. An unknown id stops everything before anything is
 * changed; a refusal does not hold up the tasks after it. All refusals are thrown together in the end.
 */
export async function commandTasks(
  context: CliContext,
  texts: readonly string[],
  how: {
    decide: (task: Task) => CommandDecision;
    done: (id: string) => string;
    /** What else is to be done, with the task as it was; a line about it, if there is something to say. */
    afterwards?: (context: CliContext, before: Task) => Promise<string | undefined>;
  },
): Promise<ExitCode> {
  const store = await context.services.store();
  const tasks = await Promise.all([...new Set(texts)].map((text) => findTask(context, text)));
  const results: { task: string; done: boolean; reason: string | null; advice: string | null }[] = [];
  for (const task of tasks) {
    const { id } = task;
    const outcome = await store.command(id, how.decide);
    const refused = outcome.kind === 'refused' ? outcome : undefined;
    if (outcome.kind === 'recorded') {
      const more = await how.afterwards?.(context, task);
      if (!context.json) printLines(context, [how.done(id), ...(more === undefined ? [] : [more])]);
    }
    results.push({
      task: id,
      done: outcome.kind === 'recorded',
      reason: refused?.reason ?? null,
      advice: refused?.advice ?? null,
    });
  }
  if (context.json) printJson(context, results);
  const refusals = results.filter((each) => each.reason !== null);
  if (refusals.length === 0) return EXIT.ok;
  throw new CodewalkError('REFUSED', refusals.map((each) => each.reason).join('\n'), {
    advice: refusals[0]?.advice ?? undefined,
  });
}
