import { locksOverlap } from '../../core/dispatch/file-locks.ts';
import type { EventType, LoggedEvent } from '../../core/events/event.ts';
import type { TaskId } from '../../core/ids.ts';
import type { PlannedTask } from '../../core/roadmap/model.ts';

/** Ends of an attempt, besides the good one. */
export const GIVEN_UP = [
  'task.retried',
  'task.failed',
  'task.released',
  'task.asked',
  'task.cancelled',
] as const;

/** One attempt at a task, from its claim to its end; an attempt of which no end is known lasts. */
export interface Span {
  readonly from: LoggedEvent;
  readonly to: LoggedEvent | undefined;
}

/** A task with its attempts in order. */
export interface Life {
  readonly id: TaskId;
  readonly task: PlannedTask;
  readonly spans: readonly Span[];
  readonly done: LoggedEvent | undefined;
}

export function lifeOf(task: PlannedTask, events: readonly LoggedEvent[]): Life {
  const { id } = task.definition;
  const own = events.filter((event) => 'task' in event && event.task === id);
  const ends: readonly EventType[] = ['task.done', ...GIVEN_UP];
  const spans = own.flatMap((from, i) =>
    from.type === 'task.claimed' ? [{ from, to: own.slice(i).find(({ type }) => ends.includes(type)) }] : [],
  );
  return { id, task, spans, done: own.find(({ type }) => type === 'task.done') };
}

/** Would a file lock keep the two apart? */
export function shareFiles(one: Life, other: Life): boolean {
  return one !== other && locksOverlap(one.task.definition.files, other.task.definition.files);
}

/** Did the one end before the other began? */
export function isBefore(one: Span, other: Span): boolean {
  return one.to !== undefined && one.to.seq < other.from.seq;
}

/** How many tasks are at work when an attempt begins, itself included. */
export function atWorkAt(span: Span, lives: readonly Life[]): number {
  const others = lives.flatMap(({ spans }) => spans);
  return others.filter((other) => other.from.seq <= span.from.seq && !isBefore(other, span)).length;
}
