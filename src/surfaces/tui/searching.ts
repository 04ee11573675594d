import type { App } from './app.ts';
import { dialogKey } from './dialog-keys.ts';
import { focusedAgent } from './panes/agents.ts';
import { listWindow } from './panes/list.ts';
import { rowsOf } from './panes/panes.ts';
import { listHeight, scrollTo, selectRow } from './scrolling.ts';
import { noticed, type Step, seen } from './step.ts';
import type { TerminalInput } from './terminal.ts';
import { queryPattern } from './text/search.ts';
import type { Search } from './ui.ts';

type Way = 'down' | 'up';

/** Takes a key while a search is being typed; undefined when none is. What matches is looked for at once. */
export function typeSearch(
  app: App,
  { key, text }: Extract<TerminalInput, { kind: 'key' }>,
): Step | undefined {
  const { search } = app.ui;
  if (search?.isTyping !== true) return undefined;
  const meaning = dialogKey('searching', key);
  if (meaning === 'take') {
    return search.text === '' ? endSearch(app) : seen(app, { search: { ...search, isTyping: false } });
  }
  if (meaning === 'leave') return endSearch(app);
  if (key === 'backspace' && search.text === '') return endSearch(app);
  const next = key === 'backspace' ? [...search.text].slice(0, -1).join('') : search.text + onOneLine(text);
  if (next === search.text) return { app, effects: [] };
  return lookFrom(seen(app, { search: { ...search, text: next } }).app, 'here');
}

export function beginSearch(app: App): Step {
  return seen(app, { search: { pane: app.ui.focus, text: '', isTyping: true } });
}

export function endSearch(app: App): Step {
  return seen(app, { search: undefined });
}

/** To the next match, or the one before; the search goes on at the other end. */
export function nextMatch(app: App, way: Way): Step {
  if (app.ui.search === undefined || app.ui.search.text === '') {
    return noticed(app, 'Nothing was searched for yet: / begins.');
  }
  // The same words serve wherever the focus is now.
  const search: Search = { ...app.ui.search, pane: app.ui.focus, isTyping: false };
  return lookFrom(seen(app, { search }).app, way);
}

function lookFrom(app: App, way: Way | 'here'): Step {
  const { search, focus } = app.ui;
  if (search === undefined || search.text === '') return { app, effects: [] };
  return focus === 'agents' ? findInOutput(app, search.text, way) : findInList(app, focus, search.text, way);
}

function findInOutput(app: App, query: string, way: Way | 'here'): Step {
  const task = focusedAgent(app)?.task;
  const output = task === undefined ? undefined : app.outputs.of(task);
  if (task === undefined || output === undefined) return { app, effects: [] };
  const at = app.ui.scrolls.get(task)?.line;
  // At the end the newest match is the nearest one.
  const direction = way === 'down' || (way === 'here' && at !== undefined) ? 'down' : 'up';
  const from = at === undefined ? output.endLine - 1 : at + (way === 'down' ? 1 : way === 'up' ? -1 : 0);
  const line = output.find(query, from, direction);
  if (line === undefined) return noticed(app, `“${query}” is not in the output.`);
  return scrollTo(app, task, { line, row: 0 });
}

function findInList(
  app: App,
  pane: Exclude<App['ui']['focus'], 'agents'>,
  query: string,
  way: Way | 'here',
): Step {
  const rows = rowsOf(app, pane);
  const height = listHeight(app, pane);
  const { selected, top } = listWindow(rows, app.ui.lists[pane], { height, follows: pane === 'events' });
  const step = way === 'up' ? -1 : 1;
  const first = way === 'here' ? 0 : 1;
  const pattern = queryPattern(query);
  for (let tried = first; tried < rows.length + first; tried += 1) {
    const index = (((selected + step * tried) % rows.length) + rows.length) % rows.length;
    if (rows.textAt(index).search(pattern) !== -1) return selectRow(app, pane, { index, top });
  }
  return noticed(app, `“${query}” is not here.`);
}

function onOneLine(text: string): string {
  return text.replaceAll(/[\r\n\t]+/g, ' ');
}
