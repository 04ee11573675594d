import type { EventType, LoggedEvent } from '../../../core/events/event.ts';
import { eventText, isDetail } from '../../cli/event-text.ts';
import type { Look } from '../../cli/style.ts';

/** One event as it is listed. `text` is one line that is safe to print. */
export interface EventRow {
  readonly seq: number;
  /** Epoch ms. */
  readonly at: number;
  readonly type: EventType;
  readonly task: string | undefined;
  readonly text: string;
  readonly look: Look | undefined;
  /** Of little interest to someone who watches. */
  readonly isDetail: boolean;
}

export const MOST_EVENTS = 1_000;
/** Rows are looked for among so many events at the end of the log. */
export const LOOKED_THROUGH = 20_000;

/** What agents print and use has its own place on the screen, and would push all else out of the list. */
const UNLISTED: ReadonlySet<EventType> = new Set(['agent.output', 'agent.usage']);

function isListed({ type }: { readonly type: EventType }): boolean {
  return !UNLISTED.has(type);
}

function eventRow(event: LoggedEvent): EventRow {
  const { seq, at, type } = event;
  const task = 'task' in event ? event.task : undefined;
  return { seq, at, type, task, ...eventText(event), isDetail: isDetail(event) };
}

/** The newest rows with those of `events` behind them. `seq`: number of the last event that is known. */
export function withEvents(
  rows: readonly EventRow[],
  events: readonly LoggedEvent[],
  seq: number,
): readonly EventRow[] {
  const all = [...rows, ...events.filter(isListed).slice(-MOST_EVENTS).map(eventRow)].slice(-MOST_EVENTS);
  const first = all.findIndex((row) => row.seq > seq - LOOKED_THROUGH);
  return first <= 0 ? (first === 0 ? all : []) : all.slice(first);
}
