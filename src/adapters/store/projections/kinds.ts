import type { AttemptEvent, EventType, NewEvent, RunEvent, TaskEvent } from '../../../core/events/event.ts';

export type AttemptFact = AttemptEvent;

type Kind = 'attempt' | 'task' | 'run';

/** Which part of the union an event is of; a new event is a type error here until it is placed. */
const KINDS = {
  'task.started': 'attempt',
  'worktree.prepared': 'attempt',
  'step.started': 'attempt',
  'agent.started': 'attempt',
  'agent.session': 'attempt',
  'agent.output': 'attempt',
  'agent.usage': 'attempt',
  'agent.retrying': 'attempt',
  'agent.ended': 'attempt',
  'step.finished': 'attempt',
  'task.snapshotted': 'attempt',
  'task.asked': 'attempt',
  'question.asked': 'attempt',
  'agent.reported': 'attempt',
  'merge.queued': 'attempt',
  'merge.started': 'attempt',
  'merge.verified': 'attempt',
  'merge.refused': 'attempt',
  'merge.verify_failed': 'attempt',
  'merge.conflicted': 'attempt',
  'merge.intended': 'attempt',
  'merge.done': 'attempt',
  'task.done': 'attempt',
  'task.retried': 'attempt',
  'task.failed': 'attempt',
  'task.released': 'attempt',
  'task.refreshed': 'attempt',
  'task.added': 'task',
  'task.claimed': 'task',
  'task.blocked': 'task',
  'task.unblocked': 'task',
  'task.skipped': 'task',
  'task.cancelled': 'task',
  'task.reset': 'task',
  'task.paused': 'task',
  'task.resumed': 'task',
  'task.answered': 'task',
  'question.escalated': 'task',
  'question.withdrawn': 'task',
  'task.archived': 'task',
  'task.edited': 'task',
  'task.renamed': 'task',
  'orchestrator.started': 'run',
  'orchestrator.stopped': 'run',
  'orchestrator.lost': 'run',
  'orchestrator.dismissed': 'run',
  'orchestrator.fenced': 'run',
  'write.refused': 'run',
  'roadmap.followed': 'run',
  'roadmap.unfollowed': 'run',
  'roadmap.synced': 'run',
  'roadmap.rejected': 'run',
  'roadmap.held': 'run',
  'roadmap.confirmed': 'run',
  'provider.limited': 'run',
  'provider.opened': 'run',
  'provider.closed': 'run',
  'budget.reached': 'run',
  'work.restored': 'run',
  'store.full': 'run',
  'store.freed': 'run',
  'store.restored': 'run',
  'log.accepted': 'run',
  'delivery.done': 'run',
  'delivery.refused': 'run',
  'delivery.proposed': 'run',
  'agent.consulted': 'run',
  'message.sent': 'run',
  'message.read': 'run',
  'plan.proposed': 'run',
  'plan.applied': 'run',
  'plan.dropped': 'run',
  'plan.finished': 'run',
  'server.started': 'run',
  'server.stopped': 'run',
  'files.followed': 'run',
  'files.unfollowed': 'run',
  'files.conflicted': 'run',
  'files.rejected': 'run',
  'notice.undelivered': 'run',
  'project.paused': 'run',
  'project.resumed': 'run',
} as const satisfies Record<EventType, Kind> &
  Record<AttemptEvent['type'], 'attempt'> &
  Record<TaskEvent['type'], 'task'> &
  Record<RunEvent['type'], 'run'>;

export function isAttemptFact(event: NewEvent): event is AttemptEvent {
  return KINDS[event.type] === 'attempt';
}

export function isRunFact(event: NewEvent): event is RunEvent {
  return KINDS[event.type] === 'run';
}
