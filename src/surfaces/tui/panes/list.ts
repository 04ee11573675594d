import type { Span } from '../draw.ts';
import type { Theme } from '../theme.ts';
import type { ListState } from '../ui.ts';

/** One row of a list, as plain values: what it says is laid out when it is on screen. */
export interface Row {
  /** Tells it from all others, also in a later view. */
  readonly key: string;
  /** The task that it is about. */
  readonly task?: string | undefined;
  /** `width`: columns that there are for it; more than fits is cut. */
  spans(theme: Theme, width: number): readonly Span[];
  /** What stands at the right end. */
  right?(theme: Theme): readonly Span[];
}

/** The rows of a list, each made when it is asked for: those that are not on screen cost nothing. */
export interface Rows<Each extends Row = Row> {
  readonly length: number;
  at(index: number): Each | undefined;
  /** -1: there is no row with that key. */
  indexOf(key: string): number;
  /** What of a row is searched. */
  textAt(index: number): string;
}

/** One row for each item. */
export function rowsOfItems<Item, Each extends Row>(
  items: readonly Item[],
  {
    key,
    text,
    row,
  }: { key: (item: Item) => string; text: (item: Item) => string; row: (item: Item) => Each },
): Rows<Each> {
  const of = <Value>(index: number, value: (item: Item) => Value): Value | undefined => {
    const item = items[index];
    return item === undefined ? undefined : value(item);
  };
  return {
    length: items.length,
    at: (index) => of(index, row),
    indexOf: (wanted) => items.findIndex((item) => key(item) === wanted),
    textAt: (index) => of(index, text) ?? '',
  };
}

/** What of a list is on screen. */
export interface ListWindow {
  /** -1 when there are no rows. */
  readonly selected: number;
  readonly top: number;
}

/**
 * The rows on screen and the selected one: that of the key, else the one that stands where it stood. Without a key it
 * is the first, or the last of a list that grows at its end (`follows`).
 */
export function listWindow(
  rows: Rows,
  state: ListState,
  { height, follows = false }: { readonly height: number; readonly follows?: boolean },
): ListWindow {
  const last = rows.length - 1;
  const wanted = state.key === undefined ? (follows ? last : 0) : rows.indexOf(state.key);
  const selected = Math.min(Math.max(0, wanted === -1 ? state.index : wanted), last);
  const least = Math.max(0, selected - Math.max(1, height) + 1);
  const most = Math.max(0, Math.min(selected, rows.length - Math.max(1, height)));
  return { selected, top: Math.min(Math.max(state.top, least), Math.max(least, most)) };
}

/** The state with the row at `index` selected; before the first and behind the last there is none. */
export function selectAt(
  rows: Rows,
  index: number,
  { top, follows = false }: { readonly top: number; readonly follows?: boolean },
): ListState {
  const at = Math.min(Math.max(0, index), Math.max(0, rows.length - 1));
  const key = follows && at === rows.length - 1 ? undefined : rows.at(at)?.key;
  return { key, index: at, top };
}
