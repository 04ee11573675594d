import type { Commanded, TaskDetails } from '../../../core/api/ports.ts';
import type { Task } from '../../../core/tasks/task.ts';
import { count } from '../../cli/format.ts';
import type { FormEnd, FormOpening, FormSpec } from './form-dialog.ts';

const BEGUN: ReadonlySet<Task['state']> = new Set(['claimed', 'running', 'merging', 'waiting_input']);

/** Takes tasks out of the work, after it has said what that ends. */
export function cancelTasks({ tasks }: { tasks: readonly string[] }): FormOpening {
  const [first = ''] = tasks;
  if (tasks.length !== 1) {
    return cancelForm(
      tasks,
      `They leave the work, and agents that are at them are stopped: ${tasks.join(', ')}`,
    );
  }
  return {
    name: `cancel.${first}`,
    title: `Cancel ${first}`,
    operation: 'task',
    input: { task: first },
    opens: (value) => {
      const { state, definition } = (value as TaskDetails).task;
      const ends = BEGUN.has(state)
        ? 'Its agent is stopped. What lies in its worktree is saved.'
        : 'It is not begun.';
      return cancelForm(tasks, `${definition.title}\n${ends}`);
    },
  };
}

function cancelForm(tasks: readonly string[], about: string): FormSpec {
  const what = namesOf(tasks);
  return {
    name: `cancel.${tasks.join(' ')}`,
    title: `Cancel ${what}?`,
    intro: [{ text: about }],
    fields: [],
    action: 'cancel',
    submit: () => ({ kind: 'call', operation: 'cancel', input: { tasks } }),
    done: (value) =>
      commanded(value as Commanded, {
        many: 'are cancelled',
        done: (saved) => {
          const one = tasks.length === 1 ? `show ${saved}` : 'list';
          const kept =
            saved === undefined
              ? ''
              : ` What lay in ${tasks.length === 1 ? 'its worktree' : 'their worktrees'} is saved: cw recover ${one}`;
          return `Cancelled ${what}.${kept}`;
        },
      }),
  };
}

/** Puts tasks that ended without success back in the queue. */
export function retryTasks({ tasks }: { tasks: readonly string[] }): FormSpec {
  const what = namesOf(tasks);
  return {
    name: `retry.${tasks.join(' ')}`,
    title: `Try ${what} again?`,
    intro: [
      {
        text:
          tasks.length === 1
            ? 'It goes back into the queue.'
            : `They go back into the queue: ${tasks.join(', ')}`,
      },
    ],
    fields: [],
    action: 'try again',
    submit: () => ({ kind: 'call', operation: 'retry', input: { tasks } }),
    done: (value) =>
      commanded(value as Commanded, {
        many: 'are back in the queue',
        done: () => `${what}: back in the queue.`,
      }),
  };
}

/** What came of it: a refusal stays on screen, for several tasks it is said which of them were refused. */
export function commanded(
  { results }: Commanded,
  said: { done: (saved: string | undefined) => string; many: string },
): FormEnd {
  const refused = results.filter((each) => each.kind === 'refused');
  const [first] = refused;
  if (first !== undefined && results.length === 1) {
    return { kind: 'refused', problem: { message: first.reason, advice: first.advice } };
  }
  if (first !== undefined) {
    const counted = `${results.length - refused.length} of ${count(results.length, 'task')} ${said.many}.`;
    return {
      kind: 'close',
      notice: `${counted} Not so ${refused.length === 1 ? '' : 'the others, such as '}${first.reason}`,
    };
  }
  const saved = results.find((each) => each.kind === 'done' && each.saved !== undefined);
  return { kind: 'close', notice: said.done(saved?.kind === 'done' ? saved.saved : undefined) };
}

/** More than so many ids say less than their number. */
const MOST_NAMED = 3;

export function namesOf(tasks: readonly string[]): string {
  return tasks.length > MOST_NAMED ? count(tasks.length, 'task') : tasks.join(', ');
}
