import type { Commanded, TaskDetails } from '../../../core/api/ports.ts';
import type { Task } from '../../../core/tasks/task.ts';
import { count } from '../../cli/format.ts';
import type { FormEnd, FormOpening, FormSpec } from './form-dialog.ts';

const BEGUN: ReadonlySet<Task['state']> = new Set(['claimed', 'running', 'merging', 'waiting_input']);

/** Takes tasks out of the work, after it has said what that ends. */
export function cancelTasks({ tasks }: { tasks: readonly string[] }): FormOpening {
  const [first = ''] = tasks;
  if (tasks.length !== 1) return cancelForm(tasks, `${count(tasks.length, 'task')} leave the work.`);
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
  const what = tasks.join(', ');
  return {
    name: `cancel.${what}`,
    title: `Cancel ${what}?`,
    intro: [{ text: about }],
    fields: [],
    action: 'cancel',
    submit: () => ({ kind: 'call', operation: 'cancel', input: { tasks } }),
    done: (value) =>
      commanded(value as Commanded, (saved) => {
        const kept =
          saved === undefined ? '' : ` What lay in its worktree is saved: cw recover show ${saved}`;
        return `Cancelled ${what}.${kept}`;
      }),
  };
}

/** Puts tasks that ended without success back in the queue. */
export function retryTasks({ tasks }: { tasks: readonly string[] }): FormSpec {
  const what = tasks.join(', ');
  return {
    name: `retry.${what}`,
    title: `Try ${what} again?`,
    intro: [{ text: tasks.length === 1 ? 'It goes back into the queue.' : 'They go back into the queue.' }],
    fields: [],
    action: 'try again',
    submit: () => ({ kind: 'call', operation: 'retry', input: { tasks } }),
    done: (value) => commanded(value as Commanded, () => `${what}: back in the queue.`),
  };
}

/** The first refusal is what is shown: it says what to do. */
function commanded({ results }: Commanded, done: (saved: string | undefined) => string): FormEnd {
  const refused = results.find((each) => each.kind === 'refused');
  if (refused !== undefined) {
    return { kind: 'refused', problem: { message: refused.reason, advice: refused.advice } };
  }
  const saved = results.find((each) => each.kind === 'done' && each.saved !== undefined);
  return { kind: 'close', notice: done(saved?.kind === 'done' ? saved.saved : undefined) };
}
