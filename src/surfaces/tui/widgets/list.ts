import type { Message } from '../app.ts';
import { type DialogKeyId, dialogKey } from '../dialog-keys.ts';

/** Which row of a list is chosen, and which is the first one shown. */
export interface ListPlace {
  readonly selected: number;
  readonly top: number;
}

export const LIST_START: ListPlace = { selected: 0, top: 0 };

/** What a key or the wheel makes of the place; undefined: it means nothing to a list. `rows`: how many are shown. */
export function moveList(
  place: ListPlace,
  message: Message,
  { count, rows }: { count: number; rows: number },
): ListPlace | undefined {
  const by = stepOf(message, Math.max(1, rows));
  if (by === undefined) return undefined;
  return keepInView({ ...place, selected: place.selected + by }, { count, rows });
}

/** The nearest place at which the chosen row is there, and shown. */
export function keepInView(place: ListPlace, { count, rows }: { count: number; rows: number }): ListPlace {
  const shown = Math.max(1, rows);
  const selected = Math.max(0, Math.min(place.selected, count - 1));
  const top = Math.max(
    0,
    Math.min(Math.max(place.top, selected - shown + 1), selected, Math.max(0, count - shown)),
  );
  return selected === place.selected && top === place.top ? place : { selected, top };
}

/** How many rows a key or the wheel moves by, without end to the first and the last; undefined: not at all. */
export function stepOf(message: Message, rows: number): number | undefined {
  if (message.kind === 'mouse') {
    return message.action === 'wheel-up' ? -3 : message.action === 'wheel-down' ? 3 : undefined;
  }
  if (message.kind !== 'key') return undefined;
  const step = dialogKey('list', message.key);
  return step === undefined ? undefined : STEPS[step](rows);
}

const half = (rows: number): number => Math.max(1, Math.floor(rows / 2));

const STEPS: Readonly<Record<DialogKeyId<'list'>, (rows: number) => number>> = {
  down: () => 1,
  up: () => -1,
  halfDown: half,
  halfUp: (rows) => -half(rows),
  pageDown: (rows) => rows,
  pageUp: (rows) => -rows,
  first: () => -Infinity,
  last: () => Infinity,
};
