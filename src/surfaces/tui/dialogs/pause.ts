import type { Commanded, ProjectResumed } from '../../../core/api/ports.ts';
import type { ProjectPaused } from '../../../core/tasks/ports.ts';
import { count } from '../../cli/format.ts';
import { pauseText } from '../../cli/views/pauses.ts';
import type { FormEnd, FormSpec } from './form-dialog.ts';
import { commanded, namesOf } from './task-commands.ts';

const REASON = { kind: 'text', name: 'reason', label: 'Why', hint: 'may stay empty' } as const;

/** Lets tasks rest that agents are at, after it has said what that ends. */
export function pauseTasks({ tasks }: { tasks: readonly string[] }): FormSpec {
  const what = namesOf(tasks);
  const about =
    tasks.length === 1
      ? 'Its agent is stopped. Its worktree and its conversation stay, and p lets it go on in them.'
      : `Agents that are at them are stopped. Worktrees and conversations stay, and p lets them go on: ${tasks.join(', ')}`;
  return {
    name: `pause.${tasks.join(' ')}`,
    title: `Pause ${what}?`,
    intro: [{ text: about }],
    fields: [REASON],
    action: 'pause',
    submit: ({ reason = '' }) => ({
      kind: 'call',
      operation: 'pauseTasks',
      input: { tasks, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) },
    }),
    done: (value) => pausedEnd(value as Commanded),
  };
}

/** What came of pausing. */
export function pausedEnd(value: Commanded): FormEnd {
  const what = namesOf(value.results.map(({ task }) => task));
  const is = value.results.length === 1 ? 'is paused. p lets it' : 'are paused. p lets them';
  return commanded(value, { many: 'are paused', done: () => `${what} ${is} go on.` });
}

/** What came of letting tasks go on. */
export function resumedEnd(value: Commanded): FormEnd {
  const what = namesOf(value.results.map(({ task }) => task));
  return commanded(value, {
    many: 'go on',
    done: () => `${what} ${value.results.length === 1 ? 'goes' : 'go'} on.`,
  });
}

/** Lets nothing of the project be begun. `atWork`: how many tasks agents are at. */
export function pauseProject({ atWork }: { atWork: number }): FormSpec {
  const options = [
    { value: 'finish', label: 'finish what they are at' },
    { value: 'now', label: 'are stopped now, and go on later in the same conversations' },
  ];
  return {
    name: 'pause-project',
    title: 'Pause the project?',
    intro: [{ text: 'Nothing is begun any more, by anybody, until P lets the project go on.' }],
    fields: [
      REASON,
      ...(atWork === 0
        ? []
        : [{ kind: 'choice', name: 'how', label: `${count(atWork, 'agent')} at work`, options } as const]),
    ],
    action: 'pause',
    submit: ({ reason = '', how }) => ({
      kind: 'call',
      operation: 'pauseProject',
      input: { now: how === 'now', ...(reason.trim() === '' ? {} : { reason: reason.trim() }) },
    }),
    done: (value) => ({ kind: 'close', notice: pausedText(value as ProjectPaused) }),
  };
}

function pausedText({ pause, stood, stopped, atWork }: ProjectPaused): string {
  if (stood) return `The project is ${pauseText(pause)}, since before.`;
  const parts = [
    ...(stopped.length === 0 ? [] : [`${count(stopped.length, 'agent')} stopped`]),
    ...(atWork.length === 0 ? [] : [`${count(atWork.length, 'task')} finished first`]),
  ];
  return `The project is paused${parts.length === 0 ? '' : `: ${parts.join(', ')}`}.`;
}

/** What is said once the project goes on. */
export function resumedText({ was, ready, isAtWork }: ProjectResumed): string {
  if (was === undefined) return 'The project was not paused any more.';
  const who = isAtWork || ready === 0 ? '' : ' Nobody is at work who begins them: cw run';
  return `The project goes on: ${count(ready, 'task')} can begin.${who}`;
}
