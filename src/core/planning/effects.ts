import type { EventType, LoggedEvent } from '../events/event.ts';
import type { TaskId } from '../ids.ts';

/** Which tasks' places in the plan events may have changed; `all`: nobody can say which. */
export type Concerned = ReadonlySet<TaskId> | 'all';

/** These change what is known of the task that they name, and of no other. */
const OF_ONE_TASK: readonly EventType[] = [
  'task.added',
  'task.claimed',
  'task.started',
  'task.asked',
  'task.answered',
  'question.withdrawn',
  'task.retried',
  'task.released',
  'task.blocked',
  'task.unblocked',
  'task.edited',
  'task.refreshed',
  'merge.queued',
  'merge.started',
  'merge.conflicted',
  'merge.refused',
  'merge.verify_failed',
];

/** These change neither definitions, nor states, nor what waits for what. */
const OF_NONE: readonly EventType[] = [
  'worktree.prepared',
  'step.started',
  'step.finished',
  'agent.started',
  'agent.ended',
  'agent.session',
  'agent.output',
  'agent.usage',
  'agent.retrying',
  'agent.reported',
  'question.asked',
  'question.escalated',
  'task.snapshotted',
  'merge.verified',
  'merge.intended',
  'merge.done',
  'orchestrator.started',
  'orchestrator.stopped',
  'orchestrator.lost',
  'orchestrator.fenced',
  'write.refused',
  'roadmap.followed',
  'roadmap.unfollowed',
  'roadmap.rejected',
  'roadmap.held',
  'roadmap.confirmed',
  'provider.limited',
  'provider.opened',
  'provider.closed',
  'budget.reached',
  'work.restored',
  'delivery.done',
  'delivery.refused',
  'agent.consulted',
  'delivery.proposed',
  'message.sent',
  'message.read',
  'plan.proposed',
  'plan.applied',
  'plan.dropped',
  'plan.finished',
  'server.started',
  'server.stopped',
  'files.followed',
  'files.unfollowed',
  'files.conflicted',
  'files.rejected',
  'notice.undelivered',
];

/**
 * The tasks that may be elsewhere in the answers to "what is next" after these events. The end of a task frees others
 * that it does not name, and so may anything that is not listed here.
 */
export function concernedBy(events: readonly LoggedEvent[]): Concerned {
  const ids = new Set<TaskId>();
  for (const event of events) {
    if (OF_NONE.includes(event.type)) continue;
    if (event.type === 'roadmap.synced' && event.others !== true) {
      for (const id of [...event.added, ...event.changed]) ids.add(id);
    } else if (OF_ONE_TASK.includes(event.type) && 'task' in event) ids.add(event.task);
    else return 'all';
  }
  return ids;
}
