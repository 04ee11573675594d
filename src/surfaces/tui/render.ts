import { textWidth } from '../cli/width.ts';
import type { App } from './app.ts';
import { columnsOfSpans, fill, heavy, row, ruled, type Span, spread } from './draw.ts';
import { headerLine } from './header-line.ts';
import { type Layout, layout, type PaneArea } from './layout.ts';
import { agentAreas, drawAgents } from './panes/agents.ts';
import { wordsFor } from './panes/empty.ts';
import { listWindow } from './panes/list.ts';
import { paneTitle, rowsOf } from './panes/panes.ts';
import { statusLine } from './status-line.ts';
import { markMatches } from './text/search.ts';
import type { Theme } from './theme.ts';
import { type ListId, PANES } from './ui.ts';

/** What is on the screen: rows that are exactly as wide as it, as many as it is high, and where the cursor stands. */
export interface Screen {
  readonly rows: readonly string[];
  readonly cursor?: { readonly x: number; readonly y: number };
}

export function render(app: App, theme: Theme): Screen {
  const { size, focus, isZoomed } = app.ui;
  const { width, height } = size;
  if (width <= 0 || height <= 0) return { rows: [] };
  const placed = layout(size, focus, isZoomed);
  const body = [
    headerLine(app, theme),
    ...(placed.isTabbed ? [tabs(app, theme)] : []),
    ...drawBody(app, placed, theme),
  ];
  const rows = [...fill(body, width, height - 1), statusLine(app, theme)].slice(0, height);
  if (app.dialog === undefined) return withCursor(app, rows);
  const frame = app.dialog.render(size, theme, app.view);
  const top = Math.max(0, height - frame.rows.length);
  return {
    rows: [...rows.slice(0, top), ...frame.rows.slice(0, height)],
    ...(frame.cursor === undefined ? {} : { cursor: { x: frame.cursor.x, y: frame.cursor.y + top } }),
  };
}

/** The cursor stands where a search is being typed. */
function withCursor({ ui }: App, rows: readonly string[]): Screen {
  if (ui.search?.isTyping !== true) return { rows };
  const x = Math.min(ui.size.width - 1, 1 + textWidth(ui.search.text));
  return { rows, cursor: { x, y: ui.size.height - 1 } };
}

function tabs(app: App, theme: Theme): string {
  const { ui } = app;
  const named = PANES.map((pane, at): Span => {
    const label = `${at + 1} ${paneTitle(app, pane)}`;
    return pane === ui.focus ? [` [${label}]`, 'focus'] : [`  ${label} `, 'dim'];
  });
  // The one that is on screen is named, wherever it stands.
  const numbered = PANES.map(
    (pane, at): Span => (pane === ui.focus ? (named[at] ?? ['']) : [` ${at + 1} `, 'dim']),
  );
  const spans = columnsOfSpans(named) <= ui.size.width ? named : numbered;
  const zoomed: Span[] = ui.isZoomed ? [[' zoomed (z) ', 'notice']] : [];
  return spread(spans, zoomed, ui.size.width, theme);
}

function drawBody(app: App, placed: Layout, theme: Theme): readonly string[] {
  const columns = placed.columns.map((areas) =>
    areas.flatMap((area) => drawPane(app, area, { isTabbed: placed.isTabbed, theme })),
  );
  const [first = [], ...others] = columns;
  const parting = theme.paint('border', theme.lines.vertical);
  return first.map((text, at) => others.reduce((line, column) => line + parting + (column[at] ?? ''), text));
}

function drawPane(
  app: App,
  area: PaneArea,
  { isTabbed, theme }: { isTabbed: boolean; theme: Theme },
): readonly string[] {
  if (area.height <= 0) return [];
  if (isTabbed) return drawInside(app, area, theme);
  const inside = { ...area, y: area.y + 1, height: area.height - 1 };
  return [paneRule(app, area, theme), ...drawInside(app, inside, theme)];
}

/** The line above a pane, with its number and title. */
function paneRule(app: App, { pane, width, y, ...rest }: PaneArea, theme: Theme): string {
  const hasFocus = app.ui.focus === pane;
  const [char, look] = hasFocus
    ? ([heavy(theme), 'focus'] as const)
    : ([theme.lines.horizontal, 'border'] as const);
  const number = PANES.indexOf(pane) + 1;
  const inside = { ...rest, width, y: y + 1, height: rest.height - 1 };
  const page = pane === 'agents' ? pageText(app, inside) : '';
  const title = `${paneTitle(app, pane)}${page}`;
  return ruled(
    [
      [char, look],
      [` ${number} `, hasFocus ? 'key' : 'dim'],
      [`${title} `, hasFocus ? 'focus' : 'title'],
    ],
    width,
    theme,
    [char, look],
  );
}

/** Which of the agents are on screen, when that is not all. */
function pageText(app: App, area: { x: number; y: number; width: number; height: number }): string {
  const { agents, grid, count } = agentAreas(app, area);
  return agents.length === count ? '' : ` ${grid.first + 1}-${grid.first + agents.length} of ${count}`;
}

function drawInside(app: App, area: PaneArea, theme: Theme): readonly string[] {
  return area.pane === 'agents' ? drawAgents(app, area, theme) : drawList(app, area.pane, area, theme);
}

function drawList(app: App, pane: ListId, { width, height }: PaneArea, theme: Theme): readonly string[] {
  const rows = rowsOf(app, pane);
  const { selected, top } = listWindow(rows, app.ui.lists[pane], { height, follows: pane === 'events' });
  const query = app.ui.search?.pane === pane ? app.ui.search.text : '';
  const hasFocus = app.ui.focus === pane;
  const drawn: string[] = [];
  for (let at = top; at < Math.min(rows.length, top + height); at += 1) {
    const each = rows.at(at);
    if (each === undefined) break;
    const isSelected = hasFocus && at === selected;
    const isMarked = pane === 'plan' && each.task !== undefined && app.ui.marked.has(each.task);
    const mark: Span = isMarked
      ? ['*', 'key']
      : [isSelected ? theme.lines.arrow : ' ', isSelected ? 'focus' : undefined];
    const text = spread([mark, ...each.spans(theme, width)], each.right?.(theme) ?? [], width, theme);
    const found = query === '' ? text : markMatches(text, query, (match) => theme.paint('match', match));
    drawn.push(isSelected ? theme.paint('selected', found) : found);
  }
  if (rows.length === 0)
    drawn.push(...wordsFor(app, pane).map((said) => row([['  '], ...said], width, theme)));
  return fill(drawn, width, height);
}
