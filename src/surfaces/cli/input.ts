import { UsageError } from '../../core/errors.ts';
import { ID_PATTERN } from '../../core/id-pattern.ts';
import type { TaskId } from '../../core/ids.ts';
import { nearest } from '../../core/source/nearest.ts';
import { quoted } from '../../core/source/problem.ts';
import { TASK_STATES, type TaskState } from '../../core/tasks/states.ts';
import type { Task } from '../../core/tasks/task.ts';
import type { CliContext } from './context.ts';
import { warnAboutRoadmap } from './print.ts';

/** A word of the command line as a task id. Throws `UsageError` `BAD_ID` for what can be none. */
export function parseTaskId(text: string): TaskId {
  if (ID_PATTERN.test(text)) return text as TaskId;
  throw new UsageError('BAD_ID', `${quoted(text)} is not a task id`, {
    advice: 'ids begin with a letter or digit and have up to 64 of A-Z a-z 0-9 . _ -',
  });
}

/**
 * The task called `text`, also one that was written into the roadmap just now. Throws `UsageError` `UNKNOWN_TASK`,
 * with the nearest id when there is one.
 */
export async function findTask(context: CliContext, text: string): Promise<Task> {
  const id = parseTaskId(text);
  const store = await context.services.store();
  const known = await store.task(id);
  if (known !== undefined) return known;
  await warnAboutRoadmap(context);
  const task = await store.task(id);
  if (task !== undefined) return task;
  const meant = nearest(
    id,
    (await store.tasks()).map((each) => each.id),
  );
  throw new UsageError('UNKNOWN_TASK', `there is no task ${quoted(id)}`, {
    advice: meant === undefined ? 'cw task list shows them all' : `did you mean ${meant}?`,
  });
}

/** The words of a variadic or single argument, and of an option that takes several. */
export function words(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

/** The states that an option names, also several with commas between. Throws `UsageError` `UNKNOWN_STATE`. */
export function stateWords(value: unknown): readonly (TaskState | 'ready')[] {
  const known: readonly (TaskState | 'ready')[] = [...TASK_STATES, 'ready'];
  return words(value)
    .flatMap((text) => text.split(','))
    .map((text) => {
      const state = known.find((each) => each === text);
      if (state !== undefined) return state;
      const meant = nearest(text, known);
      throw new UsageError('UNKNOWN_STATE', `${quoted(text)} is no state of a task`, {
        advice: meant === undefined ? `states are ${known.join(', ')}` : `did you mean ${meant}?`,
      });
    });
}

/** An option's text, or undefined when it was not given. */
export function textOption(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}
