import { UsageError } from '../../../core/errors.ts';
import { nearest } from '../../../core/source/nearest.ts';
import { quoted } from '../../../core/source/problem.ts';
import { TASK_STATES } from '../../../core/tasks/states.ts';
import type { Task } from '../../../core/tasks/task.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { words } from '../input.ts';
import { printJson, printLines, warnAboutRoadmap } from '../print.ts';
import { type ShownState, shownState } from '../task-words.ts';
import { taskJson } from '../views/task.ts';
import { renderTasks } from '../views/task-list.ts';

export const taskList: Action = async (context, { options }) => {
  const wanted = parseStates(words(options.state));
  await warnAboutRoadmap(context);
  const store = await context.services.store();
  // The store leaves archived tasks out unless they are asked for.
  const all = await store.tasks(wanted.has('archived') ? { states: TASK_STATES } : undefined);
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

function matches(task: Task, wanted: ReadonlySet<ShownState>): boolean {
  return wanted.has(task.state) || (wanted.has('ready') && shownState(task) === 'ready');
}

function parseStates(texts: readonly string[]): ReadonlySet<ShownState> {
  const known: readonly ShownState[] = [...TASK_STATES, 'ready'];
  return new Set(
    texts
      .flatMap((text) => text.split(','))
      .map((text) => {
        const state = known.find((each) => each === text);
        if (state !== undefined) return state;
        const meant = nearest(text, known);
        throw new UsageError('UNKNOWN_STATE', `${quoted(text)} is no state of a task`, {
          advice: meant === undefined ? `states are ${known.join(', ')}` : `did you mean ${meant}?`,
        });
      }),
  );
}
