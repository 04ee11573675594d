import type { App } from './app.ts';
import { focusOn } from './focus.ts';
import { focusedAgent, shownAgents } from './panes/agents.ts';
import { listWindow } from './panes/list.ts';
import { rowsOf, selectedRow } from './panes/panes.ts';
import { type PlanRow, planRows, tasksInPart } from './panes/plan.ts';
import { isKept, type PlanFilter } from './panes/plan-filter.ts';
import { listHeight, moveBy, selectRow } from './scrolling.ts';
import { noticed, type Step, seen } from './step.ts';

/** Shows only some of the tasks, wherever the focus was; the graph has no filter. */
export function filterPlan(app: App, filter: PlanFilter): Step {
  return seen(app, { focus: 'plan', planAs: 'tree', filter });
}

/** Marks the selected task, or all tasks in the selected container; once more takes the marks away. */
export function markRow(app: App): Step {
  const { ui, view } = app;
  const row: PlanRow | undefined = ui.planAs === 'tree' ? selectedPlanRow(app) : undefined;
  if (row === undefined) return noticed(app, 'Only rows of the tree can be marked: t shows it.');
  const ids = row.container === undefined ? [row.key] : tasksInPart(view, row.container, ui.filter);
  const marked = new Set(ui.marked);
  const isMarking = ids.some((id) => !marked.has(id));
  for (const id of ids) {
    if (isMarking) marked.add(id);
    else marked.delete(id);
  }
  return moveBy(seen(app, { marked }).app, { rows: 1 });
}

function selectedPlanRow(app: App): PlanRow | undefined {
  const rows = planRows(app.view, app.ui);
  return rows.at(rows.indexOf(selectedRow(app, 'plan')?.key ?? ''));
}

/** To the next viewport, row of the plan, or item of the inbox that waits for the person, around the end. */
export function nextNeedy(app: App): Step {
  const { focus } = app.ui;
  const step = focus === 'agents' ? needyAgent(app) : focus === 'plan' ? needyTask(app) : undefined;
  return step ?? nextItem(app);
}

function needyAgent(app: App): Step | undefined {
  const agents = shownAgents(app.view.agents);
  const from = agents.findIndex(({ task }) => task === focusedAgent(app)?.task);
  const next = after(agents, from, ({ state, asked }) => state === 'waiting' && asked !== 'orchestrator');
  return next === undefined ? undefined : focusOn(app, { pane: 'agents', agent: next.task });
}

function needyTask(app: App): Step | undefined {
  const rows = planRows(app.view, app.ui);
  const keys = Array.from({ length: rows.length }, (_, at) => at);
  const from = rows.indexOf(selectedRow(app, 'plan')?.key ?? '');
  const index = after(keys, from, (at) => {
    const row = rows.at(at);
    const task = row?.task === undefined ? undefined : app.view.tasks.get(row.task);
    return task !== undefined && isKept('needsYou', task);
  });
  return index === undefined ? undefined : selectRow(app, 'plan', { index, top: app.ui.lists.plan.top });
}

/** The first one behind `from` that fits, around the end; `from` itself comes last. */
function after<Each>(all: readonly Each[], from: number, fits: (each: Each) => boolean): Each | undefined {
  return [...all.slice(from + 1), ...all.slice(0, from + 1)].find(fits);
}

function nextItem(app: App): Step {
  const rows = rowsOf(app, 'inbox');
  if (rows.length === 0) return noticed(app, 'Nothing waits for you.');
  const there = focusOn(app, { pane: 'inbox', agent: undefined }).app;
  const { selected, top } = listWindow(rows, app.ui.lists.inbox, { height: listHeight(there, 'inbox') });
  const index = app.ui.focus === 'inbox' ? (selected + 1) % rows.length : selected;
  return selectRow(there, 'inbox', { index, top });
}
