import type { Hold } from '../../../core/dispatch/hold.ts';
import type { Pause } from '../../../core/tasks/task.ts';
import { count, isoTime } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';

/** Ids that one line names; of more it says how many. */
const MOST_NAMED = 5;

export function pauseJson(pause: Pause | undefined): object | null {
  if (pause === undefined) return null;
  const { by, reason, at } = pause;
  return { by, reason: reason === '' ? null : reason, at: isoTime(at) };
}

/** `paused by ann: the API is down`. */
export function pauseText({ by, reason }: Pause): string {
  return `paused by ${by}${reason === '' ? '' : `: ${reason}`}`;
}

/** That the project is paused, and what ends that. */
export function projectPauseLines(pause: Pause | undefined, paint: Paint): string[] {
  if (pause === undefined) return [];
  return [
    `${paint('yellow', '‖')} The project is ${safeLine(pauseText(pause))}. Nothing is begun.`,
    `    ${paint('dim', 'cw resume')}`,
  ];
}

/** What a run waits for that ended because of pauses. */
export function pauseHoldLines(
  hold: Extract<Hold, { kind: 'project-paused' | 'tasks-paused' }>,
  paint: Paint,
) {
  if (hold.kind === 'project-paused') {
    const waits = `${count(hold.tasks, 'task')} ${hold.tasks === 1 ? 'waits' : 'wait'}.`;
    const [first = '', ...rest] = projectPauseLines(hold.pause, paint);
    return [`${first} ${waits}`, ...rest];
  }
  const [only] = hold.tasks;
  if (hold.tasks.length === 1 && only !== undefined) {
    return [
      `${paint('yellow', '‖')} ${safeLine(only.id)} is ${safeLine(pauseText(only.pause))}`,
      `    ${paint('dim', `cw task resume ${safeLine(only.id)}`)}`,
    ];
  }
  const named = hold.tasks.slice(0, MOST_NAMED).map(({ id }) => safeLine(id));
  const more = hold.tasks.length > named.length ? ' …' : '';
  return [
    `${paint('yellow', '‖')} ${count(hold.tasks.length, 'task')} are paused: ${named.join(', ')}${more}`,
    `    ${paint('dim', `cw task resume ${named.join(' ')}${more}`)}`,
  ];
}
