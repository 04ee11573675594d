import type { Task } from '../../../core/tasks/task.ts';
import { money } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';
import { table } from '../table.ts';
import { SHOWN_STATES, shownState } from '../task-words.ts';
import { pauseText } from './pauses.ts';

/** The tasks as a table, in the order given. */
export function renderTasks(tasks: readonly Task[], options: { width: number; paint: Paint }): string[] {
  return table({
    columns: [
      { title: 'TASK' },
      { title: 'STATE' },
      { title: 'TRIES', side: 'right' },
      { title: 'COST', side: 'right' },
      { title: 'TITLE', flexible: true },
    ],
    rows: tasks.map((task) => {
      const shown = SHOWN_STATES[shownState(task)];
      const stuck = task.state === 'failed' || task.state === 'blocked' ? task.reason : undefined;
      const reason = task.paused === undefined ? stuck : pauseText(task.paused);
      const { title } = task.definition;
      return [
        { text: safeLine(task.id) },
        { text: shown.word, look: shown.look },
        { text: task.attempts === 0 ? '' : String(task.attempts) },
        { text: task.costUsd === 0 ? '' : money(task.costUsd) },
        { text: safeLine(reason === undefined ? title : `${title} (${reason})`) },
      ];
    }),
    ...options,
  });
}
