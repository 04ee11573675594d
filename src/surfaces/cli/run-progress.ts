import type { LoggedEvent } from '../../core/events/event.ts';
import type { TaskId } from '../../core/ids.ts';
import type { Counts } from '../../core/tasks/ports.ts';
import { duration, money } from './format.ts';
import { safeLine } from './safe-text.ts';
import type { Paint } from './style.ts';
import { textWidth } from './width.ts';

/** Who is at work on what, as far as the events so far tell. */
export interface Progress {
  readonly active: ReadonlyMap<TaskId, ActiveStep>;
}

export interface ActiveStep {
  readonly agent: string;
  /** Epoch ms. */
  readonly since: number;
}

export const NO_PROGRESS: Progress = { active: new Map() };

export function evolveProgress(progress: Progress, event: LoggedEvent): Progress {
  switch (event.type) {
    case 'step.started':
      return withActive(progress, event.task, { agent: event.agent, since: event.at });
    case 'merge.started':
      return withActive(progress, event.task, { agent: 'merging', since: event.at });
    case 'step.finished':
    case 'task.done':
    case 'task.failed':
    case 'task.retried':
    case 'task.released':
    case 'task.paused':
    case 'task.cancelled':
    case 'task.skipped':
    case 'task.asked': {
      if (!progress.active.has(event.task)) return progress;
      const active = new Map(progress.active);
      active.delete(event.task);
      return { active };
    }
    default:
      return progress;
  }
}

/** The running totals: `3/12 done · 2 running · 1 ready · $0.41 · 1m 02s`. Failures and blocks only if any. */
export function totals(counts: Counts, elapsedMs: number): string {
  const { byState } = counts;
  const parts = [
    `${byState.done + byState.skipped}/${counts.total} done`,
    `${byState.running + byState.claimed + byState.merging} running`,
    `${counts.ready} ready`,
  ];
  if (counts.paused > 0) parts.push(`${counts.paused} paused`);
  if (byState.waiting_input > 0) parts.push(`${byState.waiting_input} asking`);
  if (byState.failed > 0) parts.push(`${byState.failed} failed`);
  if (byState.blocked > 0) parts.push(`${byState.blocked} blocked`);
  parts.push(money(counts.costUsd), duration(elapsedMs));
  return parts.join(' · ');
}

/** The line at the bottom of a terminal: the totals, and who is at work as far as the width allows. */
export function progressLine(options: {
  progress: Progress;
  counts: Counts;
  elapsedMs: number;
  now: number;
  width: number;
  paint: Paint;
}): string {
  const head = totals(options.counts, options.elapsedMs);
  let used = textWidth(head);
  if (used > options.width) return options.paint('bold', head.slice(0, options.width));
  let tail = '';
  for (const [task, step] of options.progress.active) {
    const each = ` │ ${safeLine(task)} ${safeLine(step.agent)} ${duration(options.now - step.since)}`;
    used += textWidth(each);
    if (used > options.width) break;
    tail += each;
  }
  return options.paint('bold', head) + options.paint('dim', tail);
}

function withActive(progress: Progress, task: TaskId, step: ActiveStep): Progress {
  const active = new Map(progress.active);
  active.delete(task);
  return { active: active.set(task, step) };
}
