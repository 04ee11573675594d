import type { Span } from '../draw.ts';
import type { Theme } from '../theme.ts';
import type { ListState } from '../ui.ts';
import { memoised } from './memoised.ts';

/** One row of a list, as plain values: what it says is laid out when it is on screen. */
export interface Row {
  /** Tells it from all others, also in a later view. */
  readonly key: string;
  /** The task that it is about. */
  readonly task?: string | undefined;
  /** What is searched. */
  readonly text: string;
  spans(theme: Theme): readonly Span[];
  /** What stands at the right end. */
  right?(theme: Theme): readonly Span[];
}

/** What of a list is on screen. */
export interface ListWindow {
  /** -1 when there are no rows. */
  readonly selected: number;
  readonly top: number;
}

const placesOf = memoised((rows: readonly Row[]) => new Map(rows.map(({ key }, index) => [key, index])));

/**
 * The rows on screen and the selected one: that of the key, else the one that stands where it stood. Without a key it
 * is the first, or the last of a list that grows at its end (`follows`).
 */
export function listWindow(
  rows: readonly Row[],
  state: ListState,
  { height, follows = false }: { readonly height: number; readonly follows?: boolean },
): ListWindow {
  const last = rows.length - 1;
  const wanted =
    state.key === undefined ? (follows ? last : 0) : (placesOf(rows).get(state.key) ?? state.index);
  const selected = Math.min(Math.max(0, wanted), last);
  const least = Math.max(0, selected - Math.max(1, height) + 1);
  const most = Math.max(0, Math.min(selected, rows.length - Math.max(1, height)));
  return { selected, top: Math.min(Math.max(state.top, least), Math.max(least, most)) };
}

/** The state with the row at `index` selected; before the first and behind the last there is none. */
export function selectAt(
  rows: readonly Row[],
  index: number,
  { top, follows = false }: { readonly top: number; readonly follows?: boolean },
): ListState {
  const at = Math.min(Math.max(0, index), Math.max(0, rows.length - 1));
  const key = follows && at === rows.length - 1 ? undefined : rows[at]?.key;
  return { key, index: at, top };
}
