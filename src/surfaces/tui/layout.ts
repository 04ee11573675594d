import { PANES, type PaneId, type Size } from './ui.ts';

/** A rectangle of the screen, in cells. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where each pane that is on screen stands. */
export interface Layout {
  /** One pane at a time, with a bar that names them all. */
  readonly isTabbed: boolean;
  /** Columns of panes from left to right; one cell between two of them is the line that parts them. */
  readonly columns: readonly (readonly PaneArea[])[];
}

export interface PaneArea extends Area {
  readonly pane: PaneId;
}

/** Below this, panes beside each other would show too little of anything. */
const LEAST_FOR_ALL: Size = { width: 100, height: 30 };
/** Header and status line. */
const HEADER_ROWS = 1;
const STATUS_ROWS = 1;
const TAB_ROWS = 1;

const LEFT: readonly (readonly [PaneId, share: number])[] = [
  ['plan', 0.55],
  ['inbox', 0.25],
  ['merges', 0.2],
];
const RIGHT: readonly (readonly [PaneId, share: number])[] = [
  ['agents', 0.7],
  ['events', 0.3],
];
const LEFT_SHARE = 0.34;
const MOST_LEFT_COLUMNS = 90;

export function layout({ width, height }: Size, focus: PaneId, isZoomed: boolean): Layout {
  if (isZoomed || width < LEAST_FOR_ALL.width || height < LEAST_FOR_ALL.height) {
    const y = HEADER_ROWS + TAB_ROWS;
    const area = { x: 0, y, width, height: Math.max(0, height - y - STATUS_ROWS) };
    return { isTabbed: true, columns: [[{ pane: focus, ...area }]] };
  }
  const left = Math.min(MOST_LEFT_COLUMNS, Math.floor(width * LEFT_SHARE));
  const body = { y: HEADER_ROWS, height: height - HEADER_ROWS - STATUS_ROWS };
  return {
    isTabbed: false,
    columns: [
      stack(LEFT, { x: 0, width: left, ...body }),
      stack(RIGHT, { x: left + 1, width: width - left - 1, ...body }),
    ],
  };
}

function stack(parts: typeof LEFT, area: Area): PaneArea[] {
  let { y } = area;
  return parts.map(([pane, share], at) => {
    const left = area.y + area.height - y;
    const height = at === parts.length - 1 ? left : Math.min(left, Math.round(area.height * share));
    const placed = { pane, x: area.x, y, width: area.width, height };
    y += height;
    return placed;
  });
}

/** A viewport with fewer cells shows nothing that one could read. */
const LEAST_VIEWPORT: Size = { width: 38, height: 6 };
/** Columns for each row of a viewport that reads well: 80 by 20. */
const GOOD_SHAPE = 4;

/** The viewports of one page of agents: of all `count` those from `first` on, in reading order. */
export interface Grid {
  readonly first: number;
  readonly areas: readonly Area[];
}

/** As many viewports as fit, on the page that has the one at index `focus`. The last row fills its width. */
export function grid(area: Area, count: number, focus: number): Grid {
  if (count <= 0 || area.width <= 0 || area.height <= 0) return { first: 0, areas: [] };
  const mostColumns = Math.max(1, Math.floor((area.width + 1) / (LEAST_VIEWPORT.width + 1)));
  const mostRows = Math.max(1, Math.floor(area.height / LEAST_VIEWPORT.height));
  const shown = Math.min(count, mostColumns * mostRows);
  const first = Math.floor(Math.min(Math.max(0, focus), count - 1) / shown) * shown;
  const onPage = Math.min(shown, count - first);
  const columns = bestColumns(area, onPage, { mostColumns, mostRows });
  const rows = Math.ceil(onPage / columns);
  const areas: Area[] = [];
  for (let row = 0; row < rows; row += 1) {
    const inRow = Math.min(columns, onPage - row * columns);
    const y = area.y + Math.floor((area.height * row) / rows);
    const height = area.y + Math.floor((area.height * (row + 1)) / rows) - y;
    for (let at = 0; at < inRow; at += 1) {
      // One cell between neighbours is the line that parts them.
      const from = Math.floor(((area.width + 1) * at) / inRow);
      const to = Math.floor(((area.width + 1) * (at + 1)) / inRow) - 1;
      areas.push({ x: area.x + from, y, width: to - from, height });
    }
  }
  return { first, areas };
}

function bestColumns(
  area: Area,
  count: number,
  { mostColumns, mostRows }: { mostColumns: number; mostRows: number },
): number {
  let best = { columns: 1, error: Number.POSITIVE_INFINITY };
  for (let columns = 1; columns <= Math.min(mostColumns, count); columns += 1) {
    const rows = Math.ceil(count / columns);
    if (rows > mostRows) continue;
    const shape = area.width / columns / (area.height / rows);
    const error = Math.abs(Math.log(shape / GOOD_SHAPE));
    if (error < best.error) best = { columns, error };
  }
  return best.columns;
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The area that one comes to from `from` in that direction: the nearest that lies beside it; undefined: none. */
export function neighbour<Each extends Area>(
  from: Area,
  others: readonly Each[],
  to: Direction,
): Each | undefined {
  const distance = (other: Area): number =>
    ({
      left: from.x - (other.x + other.width),
      right: other.x - (from.x + from.width),
      up: from.y - (other.y + other.height),
      down: other.y - (from.y + from.height),
    })[to];
  const overlap = (other: Area): number =>
    to === 'left' || to === 'right'
      ? Math.min(from.y + from.height, other.y + other.height) - Math.max(from.y, other.y)
      : Math.min(from.x + from.width, other.x + other.width) - Math.max(from.x, other.x);
  return others
    .filter((other) => distance(other) >= 0 && overlap(other) > 0)
    .sort((a, b) => distance(a) - distance(b) || overlap(b) - overlap(a))[0];
}

/** The pane `by` places after this one, around the end. */
export function paneAfter(pane: PaneId, by: 1 | -1): PaneId {
  return PANES[(PANES.indexOf(pane) + by + PANES.length) % PANES.length] ?? pane;
}
