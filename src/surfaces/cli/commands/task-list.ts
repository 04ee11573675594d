import { TASK_STATES, type TaskState } from '../../../core/tasks/states.ts';
import type { Task } from '../../../core/tasks/task.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { stateWords } from '../input.ts';
import { printJson, printLines, warnOfRoadmap } from '../print.ts';
import { shownState } from '../task-words.ts';
import { taskJson } from '../views/task.ts';
import { renderTasks } from '../views/task-list.ts';

export const taskList: Action = async (context, { options }) => {
  const wanted = new Set(stateWords(options.state));
  const api = await context.services.api();
  // Archived ones are left out unless they are asked for.
  const list = await api.tasks(wanted.has('archived') ? { states: TASK_STATES } : {});
  warnOfRoadmap(context, list);
  const all = list.tasks;
  const tasks = wanted.size === 0 ? all : all.filter((task) => matches(task, wanted));
  if (context.json)
    printJson(
      context,
      tasks.map((task) => taskJson(task)),
    );
  else if (tasks.length > 0) {
    printLines(context, renderTasks(tasks, { width: context.io.columns(), paint: context.paint }));
  } else {
    printLines(context, [
      all.length === 0 ? 'There are no tasks yet. Add one: cw task add "…"' : 'No task is in that state.',
    ]);
  }
  return EXIT.ok;
};

function matches(task: Task, wanted: ReadonlySet<TaskState | 'ready'>): boolean {
  return wanted.has(task.state) || (wanted.has('ready') && shownState(task) === 'ready');
}
