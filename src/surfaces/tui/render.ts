import { duration, money } from '../cli/format.ts';
import { textWidth } from '../cli/width.ts';
import type { App } from './app.ts';
import { bar, fill, heavy, row, ruled, type Span, spread } from './draw.ts';
import { keyText } from './keys.ts';
import { type Layout, layout, type PaneArea } from './layout.ts';
import { agentAreas, drawAgents } from './panes/agents.ts';
import { listWindow } from './panes/list.ts';
import { paneTitle, rowsOf } from './panes/panes.ts';
import { markMatches } from './text/search.ts';
import type { Theme } from './theme.ts';
import { type ListId, PANES, type PaneId } from './ui.ts';

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
    header(app, theme),
    ...(placed.isTabbed ? [tabs(app, theme)] : []),
    ...drawBody(app, placed, theme),
  ];
  const rows = [...fill(body, width, height - 1), status(app, theme)].slice(0, height);
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

/** Project, progress, what it has cost, who is at work. */
function header({ view, ui }: App, theme: Theme): string {
  const { totals, orchestrators, connection } = view;
  const { counts, done, total, costUsd, budgets } = totals;
  const active = (counts.running ?? 0) + (counts.claimed ?? 0) + (counts.merging ?? 0);
  const left: Span[] = [
    [' cw ', 'selected'],
    [` ${view.project} `, 'title'],
    ...bar(total === 0 ? 0 : done / total, 12, theme),
    [` ${done}/${total} done`],
    ...(active > 0 ? ([[`  ${theme.sign('working')} ${active} running`, 'working']] as const) : []),
    ...counted(counts.ready, ['ready', 'ready'], theme),
    ...counted(counts.waiting_input, ['waiting', 'asking'], theme),
    ...counted(counts.failed, ['failed', 'failed'], theme),
    ...counted(counts.blocked, ['blocked', 'blocked'], theme),
  ];
  const [budget] = budgets.toSorted((a, b) => a.leftUsd - b.leftUsd);
  const startedAt = Math.min(...orchestrators.map((each) => each.startedAt));
  const right: Span[] = [
    ...(connection === 'live' ? [] : ([[' reconnecting ', 'warning']] as const)),
    ...(view.roadmapProblem === undefined ? [] : ([[' roadmap not taken ', 'warning']] as const)),
    [` ${money(costUsd)}`, 'dim'],
    ...(budget === undefined ? [] : ([[` of ${money(budget.limitUsd)}`, 'dim']] as const)),
    ...(orchestrators.length === 0
      ? ([['  nobody at work ', 'dim']] as const)
      : ([
          [
            `  ${orchestrators.length > 1 ? `${orchestrators.length} orchestrators ` : ''}${duration(Math.max(0, ui.now - startedAt))} `,
            'dim',
          ],
        ] as const)),
  ];
  return spread(left, right, ui.size.width, theme);
}

function counted(
  count: number | undefined,
  [sign, word]: readonly ['ready' | 'waiting' | 'failed' | 'blocked', string],
  theme: Theme,
): readonly Span[] {
  return count === undefined || count === 0 ? [] : [[`  ${theme.sign(sign)} ${count} ${word}`, sign]];
}

function tabs(app: App, theme: Theme): string {
  const { ui } = app;
  const spans = PANES.map((pane, at): Span => {
    const label = `${at + 1} ${paneTitle(app, pane)}`;
    return pane === ui.focus ? [` [${label}]`, 'focus'] : [`  ${label} `, 'dim'];
  });
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
    const mark: Span = [isSelected ? theme.lines.arrow : ' ', isSelected ? 'focus' : undefined];
    const text = spread([mark, ...each.spans(theme, width)], each.right?.(theme) ?? [], width, theme);
    const found = query === '' ? text : markMatches(text, query, (match) => theme.paint('match', match));
    drawn.push(isSelected ? theme.paint('selected', found) : found);
  }
  if (rows.length === 0 && height > 0) drawn.push(row([['  '], [EMPTY[pane], 'dim']], width, theme));
  return fill(drawn, width, height);
}

const EMPTY: Readonly<Record<ListId, string>> = {
  plan: 'No tasks yet.',
  inbox: 'Nothing waits for you.',
  events: 'Nothing has happened yet.',
  merges: 'Nothing is merged or waits for it.',
};

/** What is typed, or what there is to say, or the keys that help most. */
function status({ ui, dialog }: App, theme: Theme): string {
  const { width } = ui.size;
  if (ui.search?.isTyping === true) return row([['/', 'key'], [ui.search.text]], width, theme);
  const typed: Span[] = [
    ...(ui.search === undefined ? [] : ([[` /${ui.search.text} `, 'match']] as const)),
    ...(ui.typed.length === 0 ? [] : ([[` ${ui.typed.map(keyText).join(' ')} `, 'key']] as const)),
  ];
  if (ui.notice !== undefined) return spread([[` ${ui.notice.text}`, ui.notice.look]], typed, width, theme);
  if (ui.run.kind === 'ended') return spread([[` ${ui.run.text}  q leaves`, 'notice']], typed, width, theme);
  if (dialog !== undefined) return row([], width, theme);
  return spread(HINTS[ui.focus].flatMap(hint), typed, width, theme);
}

function hint([key, what]: readonly [string, string]): readonly Span[] {
  return [
    [` ${key}`, 'key'],
    [` ${what} `, 'dim'],
  ];
}

const ALWAYS = [
  ['/', 'search'],
  [':', 'command'],
  ['?', 'keys'],
  ['q', 'leave'],
] as const;
const HINTS: Readonly<Record<PaneId, readonly (readonly [string, string])[]>> = {
  agents: [['jk', 'scroll'], ['Tab', 'next'], ['z', 'zoom'], ['i', 'task'], ...ALWAYS],
  plan: [['jk', 'move'], ['hl', 'fold'], ['t', 'graph'], ['i', 'task'], ...ALWAYS],
  inbox: [['jk', 'move'], ['Enter', 'answer'], ...ALWAYS],
  events: [['jk', 'move'], ['v', 'all'], ['i', 'task'], ...ALWAYS],
  merges: [['jk', 'move'], ['i', 'task'], ...ALWAYS],
};
