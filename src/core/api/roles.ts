import { CodewalkError } from '../errors.ts';
import { type Actor, nameOf, PERSON_ROLES, type PersonRole } from './actor.ts';
import type { ProjectApi } from './ports.ts';

export interface Operation {
  /** Name of its procedure. */
  readonly path: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** The least role that may call it. */
  readonly role: PersonRole;
}

/** What can be asked of a project from outside, and who may. There is nothing beside this table. */
export const OPERATIONS = {
  status: { path: 'status', kind: 'query', role: 'viewer' },
  tasks: { path: 'task.list', kind: 'query', role: 'viewer' },
  task: { path: 'task.get', kind: 'query', role: 'viewer' },
  next: { path: 'task.next', kind: 'query', role: 'viewer' },
  diff: { path: 'task.diff', kind: 'query', role: 'viewer' },
  logs: { path: 'task.logs', kind: 'query', role: 'viewer' },
  readLog: { path: 'task.readLog', kind: 'query', role: 'viewer' },
  readLogBefore: { path: 'task.readLogBefore', kind: 'query', role: 'viewer' },
  retry: { path: 'task.retry', kind: 'mutation', role: 'operator' },
  cancel: { path: 'task.cancel', kind: 'mutation', role: 'operator' },
  pauseTasks: { path: 'task.pause', kind: 'mutation', role: 'operator' },
  resumeTasks: { path: 'task.resume', kind: 'mutation', role: 'operator' },
  addTask: { path: 'task.add', kind: 'mutation', role: 'operator' },
  editTask: { path: 'task.edit', kind: 'mutation', role: 'operator' },
  removeTask: { path: 'task.remove', kind: 'mutation', role: 'operator' },
  renameTask: { path: 'task.rename', kind: 'mutation', role: 'operator' },
  agents: { path: 'agent.list', kind: 'query', role: 'viewer' },
  turns: { path: 'agent.turns', kind: 'query', role: 'viewer' },
  said: { path: 'agent.said', kind: 'query', role: 'viewer' },
  spawnAgent: { path: 'agent.spawn', kind: 'mutation', role: 'operator' },
  stopAgent: { path: 'agent.stop', kind: 'mutation', role: 'operator' },
  usage: { path: 'usage.sum', kind: 'query', role: 'viewer' },
  budgets: { path: 'usage.budgets', kind: 'query', role: 'viewer' },
  providers: { path: 'provider.list', kind: 'query', role: 'viewer' },
  resumeAccount: { path: 'provider.resume', kind: 'mutation', role: 'operator' },
  questions: { path: 'inbox.list', kind: 'query', role: 'viewer' },
  answer: { path: 'inbox.answer', kind: 'mutation', role: 'operator' },
  withdraw: { path: 'inbox.withdraw', kind: 'mutation', role: 'operator' },
  review: { path: 'task.review', kind: 'mutation', role: 'approver' },
  comment: { path: 'task.comment', kind: 'mutation', role: 'operator' },
  messages: { path: 'message.list', kind: 'query', role: 'viewer' },
  send: { path: 'message.send', kind: 'mutation', role: 'operator' },
  readMessages: { path: 'message.read', kind: 'mutation', role: 'operator' },
  merges: { path: 'merge.list', kind: 'query', role: 'viewer' },
  pauseProject: { path: 'project.pause', kind: 'mutation', role: 'operator' },
  resumeProject: { path: 'project.resume', kind: 'mutation', role: 'operator' },
  orchestrators: { path: 'orchestrator.list', kind: 'query', role: 'viewer' },
  dismiss: { path: 'orchestrator.stop', kind: 'mutation', role: 'operator' },
  roadmap: { path: 'roadmap.show', kind: 'query', role: 'viewer' },
  outline: { path: 'roadmap.outline', kind: 'query', role: 'viewer' },
  definition: { path: 'roadmap.task', kind: 'query', role: 'viewer' },
  roadmapDiff: { path: 'roadmap.diff', kind: 'query', role: 'viewer' },
  syncRoadmap: { path: 'roadmap.sync', kind: 'mutation', role: 'operator' },
  confirmRoadmap: { path: 'roadmap.confirm', kind: 'mutation', role: 'approver' },
  undoEdit: { path: 'roadmap.undo', kind: 'mutation', role: 'operator' },
  claimTask: { path: 'work.claim', kind: 'mutation', role: 'operator' },
  completeTask: { path: 'work.complete', kind: 'mutation', role: 'operator' },
  failTask: { path: 'work.fail', kind: 'mutation', role: 'operator' },
  keepClaim: { path: 'work.keep', kind: 'mutation', role: 'operator' },
  plans: { path: 'plan.list', kind: 'query', role: 'viewer' },
  plan: { path: 'plan.show', kind: 'query', role: 'viewer' },
  proposePlan: { path: 'plan.propose', kind: 'mutation', role: 'operator' },
  applyPlan: { path: 'plan.accept', kind: 'mutation', role: 'approver' },
  dropPlan: { path: 'plan.drop', kind: 'mutation', role: 'operator' },
  // A config may hold keys, and names programs that are started.
  settings: { path: 'settings.show', kind: 'query', role: 'admin' },
  changeSettings: { path: 'settings.change', kind: 'mutation', role: 'admin' },
  pending: { path: 'delivery.pending', kind: 'query', role: 'viewer' },
  proposal: { path: 'delivery.proposal', kind: 'query', role: 'viewer' },
  deliver: { path: 'delivery.deliver', kind: 'mutation', role: 'approver' },
  events: { path: 'event.list', kind: 'query', role: 'viewer' },
  head: { path: 'event.head', kind: 'query', role: 'viewer' },
  follow: { path: 'event.follow', kind: 'subscription', role: 'viewer' },
} as const satisfies Record<keyof ProjectApi, Operation>;

/** Throws `FORBIDDEN` with the role that is missing. */
export function assertMay(actor: Actor, operation: Pick<Operation, 'role' | 'path'>): void {
  if (mayCall(actor, operation)) return;
  const { path, role } = operation;
  throw new CodewalkError('FORBIDDEN', `${nameOf(actor)} may not call ${path}`, {
    advice:
      actor.kind === 'agent'
        ? 'An agent at work has the tools of its own turn.'
        : `It takes the role ${role}; this one is ${actor.role}.`,
  });
}

/** An agent at work has its desk, and never the project. */
export function mayCall(actor: Actor, { role }: Pick<Operation, 'role'>): boolean {
  return actor.kind !== 'agent' && PERSON_ROLES.indexOf(actor.role) >= PERSON_ROLES.indexOf(role);
}
