import type { App } from '../app.ts';
import type { ListId, PaneId } from '../ui.ts';
import { focusedAgent, shownAgents } from './agents.ts';
import { eventRows } from './events.ts';
import { inboxRows } from './inbox.ts';
import { listWindow, type Row, type Rows } from './list.ts';
import { mergeRows } from './merges.ts';
import { planRows, planTitle } from './plan.ts';

/** The rows of a list as they stand now. */
export function rowsOf({ view, ui }: Pick<App, 'view' | 'ui'>, pane: ListId): Rows {
  switch (pane) {
    case 'plan':
      return planRows(view, ui);
    case 'inbox':
      return inboxRows(view.inbox);
    case 'events':
      return eventRows(view.events, ui.allEvents);
    case 'merges':
      return mergeRows(view.merges);
  }
}

export function paneTitle({ view, ui }: Pick<App, 'view' | 'ui'>, pane: PaneId): string {
  switch (pane) {
    case 'agents':
      return `Agents ${shownAgents(view.agents).length}`;
    case 'plan':
      return planTitle(view, ui);
    case 'inbox':
      return view.inbox.length === 0 ? 'Inbox' : `Inbox ${view.inbox.length}`;
    case 'events':
      return ui.allEvents ? 'Events (all)' : 'Events';
    case 'merges': {
      const waiting = view.merges.filter(({ state }) => state !== 'merged').length;
      return waiting === 0 ? 'Merges' : `Merges ${waiting} waiting`;
    }
  }
}

/** The row that is selected in a list. */
export function selectedRow(app: Pick<App, 'view' | 'ui'>, pane: ListId): Row | undefined {
  const rows = rowsOf(app, pane);
  const { selected } = listWindow(rows, app.ui.lists[pane], { height: 1, follows: pane === 'events' });
  return rows.at(selected);
}

/** The tasks that a key for several acts on: those that are marked and still there, else the one that is looked at. */
export function chosenTasks(app: Pick<App, 'view' | 'ui'>): readonly string[] {
  const { marked, focus } = app.ui;
  const there = focus === 'plan' ? [...marked].filter((id) => app.view.tasks.has(id)) : [];
  if (there.length > 0) return there;
  const task = chosenTask(app);
  return task === undefined ? [] : [task];
}

/** The task that the person looks at: what a key for a task acts on. */
export function chosenTask(app: Pick<App, 'view' | 'ui'>): string | undefined {
  const { focus } = app.ui;
  return focus === 'agents' ? focusedAgent(app)?.task : selectedRow(app, focus)?.task;
}
