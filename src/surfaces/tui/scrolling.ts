import type { App } from './app.ts';
import { focusedPlace, type Place } from './focus.ts';
import { layout } from './layout.ts';
import { listWindow, selectAt } from './panes/list.ts';
import { rowsOf } from './panes/panes.ts';
import { type Step, seen } from './step.ts';
import type { ScrollPlace } from './text/scrollback.ts';
import type { ListId, Size } from './ui.ts';

/** How far to move: rows, or parts of what the pane shows, or an end. */
export type Distance = { readonly rows: number } | { readonly screens: number } | 'first' | 'last';

/** Moves in the pane, or the agent's viewport, that has the focus. */
export function moveBy(app: App, distance: Distance): Step {
  const place = focusedPlace(app);
  return place === undefined ? { app, effects: [] } : moveIn(app, place, distance);
}

/** Selects another row of a list, or scrolls an agent's output. */
export function moveIn(app: App, place: Place, distance: Distance): Step {
  if (place.pane !== 'agents') return moveInList(app, place.pane, distance);
  return place.agent === undefined ? { app, effects: [] } : scroll(app, place.agent, place, distance);
}

function moveInList(app: App, pane: ListId, distance: Distance): Step {
  const rows = rowsOf(app, pane);
  const follows = pane === 'events';
  const height = listHeight(app, pane);
  const { selected, top } = listWindow(rows, app.ui.lists[pane], { height, follows });
  const index =
    distance === 'first' ? 0 : distance === 'last' ? rows.length - 1 : selected + rowsIn(distance, height);
  return selectRow(app, pane, { index, top });
}

/** Selects a row by its place; the window stays where it is as far as that row is in it. */
export function selectRow(app: App, pane: ListId, { index, top }: { index: number; top: number }): Step {
  const state = selectAt(rowsOf(app, pane), index, { top, follows: pane === 'events' });
  const height = listHeight(app, pane);
  const window = listWindow(rowsOf(app, pane), state, { height, follows: pane === 'events' });
  return seen(app, { lists: { ...app.ui.lists, [pane]: { ...state, top: window.top } } });
}

/** How many rows of a list are on screen; what a pane would have that is not. */
export function listHeight({ ui }: App, pane: ListId): number {
  const placed = layout(ui.size, ui.focus, ui.isZoomed);
  const area = placed.columns.flat().find((each) => each.pane === pane);
  return Math.max(1, (area?.height ?? ui.size.height - 3) - (placed.isTabbed ? 0 : 1));
}

function scroll(app: App, task: string, viewport: Size, distance: Distance): Step {
  const output = app.outputs.of(task);
  if (output === undefined) return { app, effects: [] };
  const size = outputSize(viewport);
  const before = app.ui.scrolls.get(task);
  if (distance === 'first') {
    const step = scrollTo(app, task, output.scrolled(size, output.start(), 0));
    return { ...step, effects: [{ kind: 'older', task }] };
  }
  if (distance === 'last') return scrollTo(app, task, undefined);
  const rows = rowsIn(distance, size.height);
  const place = output.scrolled(size, before, rows);
  const step = scrollTo(app, task, place);
  const isFirst = rows < 0 && (place ?? output.start()).line <= output.firstLine;
  return isFirst ? { ...step, effects: [{ kind: 'older', task }] } : step;
}

/** `undefined`: the end, and what comes. */
export function scrollTo(app: App, task: string, place: ScrollPlace | undefined): Step {
  const scrolls = new Map(app.ui.scrolls);
  if (place === undefined) scrolls.delete(task);
  else scrolls.set(task, place);
  return seen(app, { scrolls });
}

/** What of a viewport shows output, at least. */
function outputSize({ width, height }: Size): Size {
  return { width: Math.max(1, width), height: Math.max(1, height - 1) };
}

function rowsIn(distance: Exclude<Distance, string>, height: number): number {
  if ('rows' in distance) return distance.rows;
  return Math.sign(distance.screens) * Math.max(1, Math.floor(Math.abs(distance.screens) * height));
}
