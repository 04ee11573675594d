import type { EventType, LoggedEvent } from '../events/event.ts';
import type { Counts } from '../tasks/ports.ts';
import type { TaskState } from '../tasks/states.ts';
import type { NoticeKind } from './ports.ts';

const LINE_CHARS = 300;

/** Types of events that a notice may be about, unless a target wants others. */
export const NOTICE_TYPES = [
  'task.asked',
  'question.asked',
  'question.escalated',
  'task.failed',
  'task.done',
  'task.skipped',
  'task.cancelled',
  'provider.opened',
  'budget.reached',
  'delivery.proposed',
] as const satisfies readonly EventType[];

/** States in which a task may still go on by itself. */
const OPEN: readonly TaskState[] = ['pending', 'claimed', 'running', 'merging', 'waiting_input'];

/** What people are told of one event: something to answer, a failure, or nothing. */
export function noticeOf(event: LoggedEvent): { kind: NoticeKind; title: string; text: string } | undefined {
  switch (event.type) {
    case 'task.asked':
      return asked(event.task, event.questions);
    case 'question.asked':
      // What the orchestrator's agent may answer is not a person's matter yet.
      return event.stage === 'person' ? asked(event.task, event.questions) : undefined;
    case 'question.escalated':
      return { kind: 'question', title: `${event.task} asks`, text: line(event.reason) };
    case 'task.failed':
      return { kind: 'failure', title: `${event.task} failed`, text: line(event.reason) };
    case 'provider.opened':
      if (event.cause === 'failing') return undefined;
      return { kind: 'failure', title: `${event.provider} takes no work`, text: line(event.reason) };
    case 'budget.reached':
      return {
        kind: 'failure',
        title: `The budget of the ${event.scope} is spent`,
        text: `${event.spentUsd.toFixed(2)} of ${event.limitUsd.toFixed(2)} USD`,
      };
    case 'delivery.proposed':
      return { kind: 'approval', title: `Pull request ${event.number} waits`, text: line(event.url) };
    default:
      return undefined;
  }
}

function asked(
  task: string,
  questions: readonly { readonly question: string; readonly kind?: 'approval' }[],
): { kind: NoticeKind; title: string; text: string } {
  const [first] = questions;
  const isApproval = first?.kind === 'approval';
  const more = questions.length > 1 ? ` (and ${questions.length - 1} more)` : '';
  return {
    kind: isApproval ? 'approval' : 'question',
    title: isApproval ? `${task} waits for approval` : `${task} asks`,
    text: `${line(first?.question ?? '')}${more}`,
  };
}

/** Events after which nothing may be left to do. */
export const ENDINGS: readonly EventType[] = ['task.done', 'task.failed', 'task.skipped', 'task.cancelled'];

/** What people are told when nothing is left that could go on by itself; undefined while something is. */
export function finishOf({ byState }: Counts): { kind: NoticeKind; title: string; text: string } | undefined {
  if (OPEN.some((state) => byState[state] > 0)) return undefined;
  const parts = (['done', 'failed', 'blocked', 'skipped', 'cancelled'] as const)
    .filter((state) => state === 'done' || byState[state] > 0)
    .map((state) => `${byState[state]} ${state}`);
  const isGood = byState.failed + byState.blocked === 0;
  return {
    kind: 'finish',
    title: isGood ? 'All work is done' : 'The work has ended',
    text: parts.join(', '),
  };
}

function line(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  return flat.length <= LINE_CHARS ? flat : `${flat.slice(0, LINE_CHARS - 1).toWellFormed()}…`;
}
