import type { App } from './app.ts';
import { openCommand, openSaid } from './dialogs/command-output.ts';
import { openHelp } from './dialogs/help.ts';
import { type DialogRequest, openDialog } from './dialogs/open-dialog.ts';
import { openPalette } from './dialogs/palette.ts';
import { focusAfter, focusOn, focusToward } from './focus.ts';
import type { KeyId } from './keys.ts';
import { inboxRows } from './panes/inbox.ts';
import { chosenTask, chosenTasks, selectedRow } from './panes/panes.ts';
import { planRows } from './panes/plan.ts';
import { togglePause, toggleProject } from './pausing.ts';
import { filterPlan, markRow, nextNeedy } from './plan-acts.ts';
import { moveBy, selectRow } from './scrolling.ts';
import { beginSearch, endSearch, nextMatch } from './searching.ts';
import { noticed, opened, type Step, seen } from './step.ts';

/** Does what a key of the table says. */
export function act(app: App, id: KeyId): Step {
  return ACTS[id](app);
}

const ACTS: Readonly<Record<KeyId, (app: App) => Step>> = {
  'pane.agents': (app) => focusOn(app, { pane: 'agents', agent: undefined }),
  'pane.plan': (app) => focusOn(app, { pane: 'plan', agent: undefined }),
  'pane.inbox': (app) => focusOn(app, { pane: 'inbox', agent: undefined }),
  'pane.events': (app) => focusOn(app, { pane: 'events', agent: undefined }),
  'pane.merges': (app) => focusOn(app, { pane: 'merges', agent: undefined }),
  'focus.next': (app) => focusAfter(app, 1),
  'focus.previous': (app) => focusAfter(app, -1),
  'focus.left': (app) => focusToward(app, 'left'),
  'focus.down': (app) => focusToward(app, 'down'),
  'focus.up': (app) => focusToward(app, 'up'),
  'focus.right': (app) => focusToward(app, 'right'),
  'side.left': (app) => focusToward(app, 'left'),
  'side.right': (app) => focusToward(app, 'right'),
  'plan.fold': (app) => fold(app, true),
  'plan.unfold': (app) => fold(app, false),
  'move.down': (app) => moveBy(app, { rows: 1 }),
  'move.up': (app) => moveBy(app, { rows: -1 }),
  'move.halfDown': (app) => moveBy(app, { screens: 0.5 }),
  'move.halfUp': (app) => moveBy(app, { screens: -0.5 }),
  'move.pageDown': (app) => moveBy(app, { screens: 1 }),
  'move.pageUp': (app) => moveBy(app, { screens: -1 }),
  'move.top': (app) => moveBy(app, 'first'),
  'move.bottom': (app) => moveBy(app, 'last'),
  zoom: (app) => seen(app, { isZoomed: !app.ui.isZoomed }),
  'plan.all': (app) => filterPlan(app, 'all'),
  'plan.open': (app) => filterPlan(app, 'open'),
  'plan.needsYou': (app) => filterPlan(app, 'needsYou'),
  'plan.running': (app) => filterPlan(app, 'running'),
  'plan.ready': (app) => filterPlan(app, 'ready'),
  'plan.waiting': (app) => filterPlan(app, 'waiting'),
  'plan.failed': (app) => filterPlan(app, 'failed'),
  'plan.done': (app) => filterPlan(app, 'done'),
  'plan.mark': markRow,
  'focus.needy': nextNeedy,
  'open.agent': (app) => seen(app, { isZoomed: !app.ui.isZoomed }),
  'plan.toggle': (app) => seen(app, { focus: 'plan', planAs: app.ui.planAs === 'tree' ? 'graph' : 'tree' }),
  'events.all': (app) => seen(app, { allEvents: !app.ui.allEvents }),
  'task.show': (app) => onTask(app, (task) => ['task', 'show', task]),
  'task.logs': (app) => onTask(app, (task) => ['task', 'logs', task]),
  'task.history': (app) => onTask(app, (task) => ['agent', 'history', task]),
  'task.open': (app) => onTask(app, (task) => ['task', 'show', task]),
  'inbox.open': openItem,
  'task.answer': (app) => withTask(app, (task) => ({ kind: 'answer', task })),
  'task.approve': (app) => withTask(app, (task) => ({ kind: 'review', task, verdict: 'approved' })),
  'task.reject': (app) => withTask(app, (task) => ({ kind: 'review', task, verdict: 'rejected' })),
  'task.comment': (app) => withTask(app, (task) => ({ kind: 'comment', task })),
  'task.diff': (app) => withTask(app, (task) => ({ kind: 'diff', task })),
  'task.message': (app) => withTask(app, (to) => ({ kind: 'message', to })),
  'task.shell': shellOf,
  'task.retry': (app) => withTasks(app, (tasks) => ({ kind: 'retry', tasks })),
  'task.cancel': (app) => withTasks(app, (tasks) => ({ kind: 'cancel', tasks })),
  'task.pause': togglePause,
  'project.pause': toggleProject,
  'task.edit': (app) => withTask(app, (task) => ({ kind: 'edit-task', task })),
  'task.add': (app) => begin(app, { kind: 'add-task' }),
  'roadmap.take': (app) => begin(app, { kind: 'take-roadmap' }),
  'roadmap.undo': (app) => begin(app, { kind: 'undo-edit' }),
  'account.resume': (app) => begin(app, { kind: 'resume-account' }),
  'orchestrator.stop': (app) => begin(app, { kind: 'dismiss' }),
  deliver: (app) => begin(app, { kind: 'deliver' }),
  settings: (app) => begin(app, { kind: 'settings' }),
  palette: (app) =>
    opened(app, openPalette({ task: chosenTask(app), size: app.ui.size, history: app.ui.history })),
  'command.said': ({ ui, ...app }) =>
    ui.said === undefined
      ? noticed({ ...app, ui }, 'No command was given yet: : begins one.')
      : opened({ ...app, ui }, openSaid(ui.said, ui.size)),
  help: (app) => opened(app, openHelp(app.ui.size)),
  redraw: (app) => ({ app, effects: [{ kind: 'redraw' }] }),
  search: beginSearch,
  'search.next': (app) => nextMatch(app, 'down'),
  'search.previous': (app) => nextMatch(app, 'up'),
  'search.clear': clearNext,
  quit: (app) =>
    app.ui.run.kind === 'running' && app.ui.run.quitStops
      ? stopRun(app)
      : { app, effects: [{ kind: 'quit' }] },
  interrupt: (app) => (app.ui.run.kind === 'running' ? stopRun(app) : { app, effects: [{ kind: 'quit' }] }),
  suspend: (app) => ({ app, effects: [{ kind: 'suspend' }] }),
};

/** Politely at first: the face stays until the run has ended. Once more, and everything ends at once. */
function stopRun(app: App): Step {
  const text = 'Stopping: work is being saved. Ctrl-c once more ends it at once.';
  return { ...noticed(app, text), effects: [{ kind: 'interrupt' }] };
}

function begin(app: App, request: DialogRequest): Step {
  return opened(app, openDialog(request, app.ui.size));
}

/** Begins a dialog about the task that is looked at. */
function withTask(app: App, request: (task: string) => DialogRequest): Step {
  const task = chosenTask(app);
  return task === undefined ? noticed(app, NO_TASK) : begin(app, request(task));
}

/** Begins a dialog about all tasks that are marked, else about the one that is looked at. */
function withTasks(app: App, request: (tasks: readonly string[]) => DialogRequest): Step {
  const tasks = chosenTasks(app);
  return tasks.length === 0 ? noticed(app, NO_TASK) : begin(app, request(tasks));
}

/** The person's shell where the task is worked on; what is merged has no worktree of its own any more. */
function shellOf(app: App): Step {
  const id = chosenTask(app);
  const task = id === undefined ? undefined : app.view.tasks.get(id);
  if (task === undefined) return noticed(app, NO_TASK);
  if (task.worktree === undefined || task.state === 'done') {
    return noticed(
      app,
      `${task.id} has no worktree ${task.state === 'done' ? 'any more: d shows its changes' : 'yet'}.`,
    );
  }
  return { app, effects: [{ kind: 'shell', directory: task.worktree }] };
}

/** Ends what was begun last: a search, marks, a filter, the zoom. */
function clearNext(app: App): Step {
  const { search, marked, filter, focus } = app.ui;
  if (search !== undefined) return endSearch(app);
  if (marked.size > 0) return seen(app, { marked: new Set() });
  if (focus === 'plan' && filter !== 'all') return filterPlan(app, 'all');
  return seen(app, { isZoomed: false });
}

/** Does what the selected item of the inbox asks for. */
function openItem(app: App): Step {
  const key = selectedRow(app, 'inbox')?.key ?? '';
  const rows = inboxRows(app.view.inbox);
  const item = rows.at(rows.indexOf(key))?.item;
  if (item === undefined) return noticed(app, 'Nothing waits for you.');
  switch (item.kind) {
    case 'question':
      return begin(app, { kind: 'answer', task: item.question.task, question: item.question.id });
    case 'approval':
      return begin(app, { kind: 'diff', task: item.question.task });
    case 'message':
      return begin(app, { kind: 'message', to: addressOf(item.message.from), replyTo: item.message.id });
    case 'roadmap':
      return begin(app, { kind: 'take-roadmap' });
    case 'plan':
      return begin(app, { kind: 'decide-plan', plan: item.plan.id });
    case 'account':
      return begin(app, { kind: 'resume-account', name: item.account.account });
    case 'budget':
      return begin(app, { kind: 'settings' });
    case 'delivery':
      return begin(app, { kind: 'deliver' });
    case 'failed':
      return begin(app, { kind: 'retry', tasks: [item.task.id] });
  }
}

function addressOf(sender: string): string {
  return sender.replace(/^task:/, '');
}

const NO_TASK = 'No task is selected here.';

/** Shows what a command says of the task that is looked at. */
function onTask(app: App, argv: (task: string) => readonly string[]): Step {
  const task = chosenTask(app);
  if (task === undefined) return noticed(app, NO_TASK);
  return opened(app, openCommand(argv(task), app.ui.size));
}

/** Folds the container, or goes up to the one that the row stands in; unfolds, or goes down into it. */
function fold(app: App, isFolding: boolean): Step {
  const rows = planRows(app.view, app.ui);
  const index = rows.indexOf(selectedRow(app, 'plan')?.key ?? '');
  const row = rows.at(index);
  if (index === -1 || row === undefined) return { app, effects: [] };
  const { container, parent } = row;
  if (container !== undefined && app.ui.folded.has(container) !== isFolding) {
    const folded = new Set(app.ui.folded);
    if (isFolding) folded.add(container);
    else folded.delete(container);
    return seen(app, { folded });
  }
  const { top } = app.ui.lists.plan;
  if (!isFolding)
    return container === undefined ? { app, effects: [] } : selectRow(app, 'plan', { index: index + 1, top });
  return parent === undefined
    ? { app, effects: [] }
    : selectRow(app, 'plan', { index: rows.indexOf(parent), top });
}
