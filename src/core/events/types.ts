import type { EventType, LoggedEvent } from './event.ts';

const TYPES = {
  'task.added': true,
  'task.claimed': true,
  'task.started': true,
  'worktree.prepared': true,
  'step.started': true,
  'agent.started': true,
  'agent.session': true,
  'agent.output': true,
  'agent.usage': true,
  'agent.retrying': true,
  'agent.ended': true,
  'step.finished': true,
  'task.snapshotted': true,
  'task.asked': true,
  'question.asked': true,
  'agent.reported': true,
  'merge.queued': true,
  'merge.started': true,
  'merge.verified': true,
  'merge.refused': true,
  'merge.verify_failed': true,
  'merge.conflicted': true,
  'merge.intended': true,
  'merge.done': true,
  'task.done': true,
  'task.retried': true,
  'task.failed': true,
  'task.released': true,
  'task.blocked': true,
  'task.unblocked': true,
  'task.skipped': true,
  'task.cancelled': true,
  'task.reset': true,
  'task.paused': true,
  'task.resumed': true,
  'task.answered': true,
  'question.escalated': true,
  'question.withdrawn': true,
  'task.archived': true,
  'task.edited': true,
  'task.renamed': true,
  'task.refreshed': true,
  'orchestrator.started': true,
  'orchestrator.stopped': true,
  'orchestrator.lost': true,
  'orchestrator.dismissed': true,
  'orchestrator.fenced': true,
  'write.refused': true,
  'roadmap.followed': true,
  'roadmap.unfollowed': true,
  'roadmap.synced': true,
  'roadmap.rejected': true,
  'roadmap.held': true,
  'roadmap.confirmed': true,
  'provider.limited': true,
  'provider.opened': true,
  'provider.closed': true,
  'budget.reached': true,
  'work.restored': true,
  'store.full': true,
  'store.freed': true,
  'store.restored': true,
  'log.accepted': true,
  'delivery.done': true,
  'delivery.refused': true,
  'agent.consulted': true,
  'delivery.proposed': true,
  'message.sent': true,
  'message.read': true,
  'plan.proposed': true,
  'plan.applied': true,
  'plan.dropped': true,
  'plan.finished': true,
  'server.started': true,
  'server.stopped': true,
  'files.followed': true,
  'files.unfollowed': true,
  'files.conflicted': true,
  'files.rejected': true,
  'notice.undelivered': true,
  'project.paused': true,
  'project.resumed': true,
} as const satisfies Record<EventType, true>;

/** Every type of event. */
export const EVENT_TYPES = Object.keys(TYPES) as readonly EventType[];

type PrefixOf<T> = T extends `${infer Domain}.${string}` ? `${Domain}.` : never;

/** A type of event; or one that ends in a dot, for every type that begins so. */
export type EventPattern = EventType | PrefixOf<EventType>;

/** The events that a pattern stands for. */
export type EventOf<Pattern extends EventPattern> = Pattern extends `${string}.`
  ? Extract<LoggedEvent, { type: `${Pattern}${string}` }>
  : Extract<LoggedEvent, { type: Pattern }>;

/** The types that a pattern from outside stands for; none for a pattern that stands for nothing. */
export function typesOf(pattern: string): readonly EventType[] {
  return EVENT_TYPES.filter((type) => (pattern.endsWith('.') ? type.startsWith(pattern) : type === pattern));
}
