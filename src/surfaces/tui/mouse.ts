import { textWidth } from '../cli/width.ts';
import type { App } from './app.ts';
import { focusOn, type Place, placesOf } from './focus.ts';
import { layout } from './layout.ts';
import { listWindow } from './panes/list.ts';
import { paneTitle, rowsOf } from './panes/panes.ts';
import { listHeight, moveIn, selectRow } from './scrolling.ts';
import type { Step } from './step.ts';
import { PANES } from './ui.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A click gives the focus to what is there, and selects the row. */
export function clickAt(app: App, point: Point): Step {
  const tab = tabAt(app, point);
  if (tab !== undefined) return focusOn(app, { pane: tab, agent: undefined });
  const place = placeAt(app, point);
  if (place === undefined) return { app, effects: [] };
  const step = focusOn(app, place);
  if (place.pane === 'agents') return step;
  const { pane } = place;
  const rows = rowsOf(app, pane);
  const height = listHeight(app, pane);
  const { top } = listWindow(rows, app.ui.lists[pane], { height, follows: pane === 'events' });
  const title = layout(app.ui.size, app.ui.focus, app.ui.isZoomed).isTabbed ? 0 : 1;
  const index = top + point.y - place.y - title;
  return index < top || index >= rows.length ? step : selectRow(step.app, pane, { index, top });
}

/** The wheel scrolls what it is over, wherever the focus is. */
export function wheelAt(app: App, point: Point, rows: number): Step {
  const place = placeAt(app, point);
  return place === undefined ? { app, effects: [] } : moveIn(app, place, { rows });
}

function placeAt(app: App, { x, y }: Point): Place | undefined {
  return placesOf(app).find(
    (place) => x >= place.x && x < place.x + place.width && y >= place.y && y < place.y + place.height,
  );
}

/** The pane whose name in the bar of tabs is there. */
function tabAt(app: App, { x, y }: Point): (typeof PANES)[number] | undefined {
  const { size, focus, isZoomed } = app.ui;
  if (!layout(size, focus, isZoomed).isTabbed || y !== 1) return undefined;
  let from = 0;
  return PANES.find((pane, at) => {
    const to = from + textWidth(`  ${at + 1} ${paneTitle(app, pane)} `);
    const isHere = x >= from && x < to;
    from = to;
    return isHere;
  });
}
