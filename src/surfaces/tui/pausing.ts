import type { Commanded, ProjectResumed } from '../../core/api/ports.ts';
import { ACTIVE_STATES, type TaskState } from '../../core/tasks/states.ts';
import type { App, Message } from './app.ts';
import { openDialog } from './dialogs/open-dialog.ts';
import { pausedEnd, resumedEnd, resumedText } from './dialogs/pause.ts';
import { chosenTasks } from './panes/panes.ts';
import { noticed, opened, type Step, seen } from './step.ts';

/** Begins the names of effects that no dialog waits for. */
const PREFIX = 'toggle.';

/**
 * Pauses the tasks that are marked or looked at, or lets them go on when all of them are paused. Only where an agent is
 * stopped by that it asks first.
 */
export function togglePause(app: App): Step {
  const chosen = chosenTasks(app).flatMap((id) => app.view.tasks.get(id) ?? []);
  if (chosen.length === 0) return noticed(app, 'No task is selected here.');
  const awake = chosen.filter(({ paused }) => paused === undefined);
  const tasks = (awake.length === 0 ? chosen : awake).map(({ id }) => id);
  if (awake.length === 0) return call(app, { name: 'resume', operation: 'resumeTasks', input: { tasks } });
  return awake.some(({ state }) => isActive(state))
    ? opened(app, openDialog({ kind: 'pause-tasks', tasks }, app.ui.size))
    : call(app, { name: 'pause', operation: 'pauseTasks', input: { tasks } });
}

/** Pauses the project, after it has asked how, or lets it go on. */
export function toggleProject(app: App): Step {
  if (app.view.paused !== undefined) {
    return call(app, { name: 'project', operation: 'resumeProject', input: undefined });
  }
  const { counts } = app.view.totals;
  const atWork = ACTIVE_STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  return opened(app, openDialog({ kind: 'pause-project', atWork }, app.ui.size));
}

function call(
  app: App,
  effect: {
    name: string;
    operation: 'pauseTasks' | 'resumeTasks' | 'resumeProject';
    input: { tasks: readonly string[] } | undefined;
  },
): Step {
  return { app, effects: [{ kind: 'call', ...effect, name: `${PREFIX}${effect.name}` }] };
}

/** What such a key came to; undefined for effects of others. */
export function toggled(app: App, { effect, result }: Extract<Message, { kind: 'told' }>): Step | undefined {
  if (!effect.startsWith(PREFIX)) return undefined;
  if (!result.ok) return failed(app, result.error);
  const what = effect.slice(PREFIX.length);
  if (what === 'project') return noticed(app, resumedText(result.value as ProjectResumed));
  const commanded = result.value as Commanded;
  const end = what === 'pause' ? pausedEnd(commanded) : resumedEnd(commanded);
  if (end.kind === 'refused') return failed(app, end.problem);
  return noticed(app, end.kind === 'close' ? end.notice : '');
}

function failed(app: App, { message, advice }: { message: string; advice?: string | undefined }): Step {
  const text = advice === undefined ? message : `${message}: ${advice}`;
  return seen(app, { notice: { text, look: 'failed' } });
}

function isActive(state: TaskState): boolean {
  return (ACTIVE_STATES as readonly TaskState[]).includes(state);
}
