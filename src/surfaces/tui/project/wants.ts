import type { EventType, LoggedEvent } from '../../../core/events/event.ts';
import { nodesOf } from './dependencies.ts';
import type { ProjectView } from './view.ts';

/** A part of the records that is read as a whole. */
export type Part =
  | 'outline'
  | 'questions'
  | 'messages'
  | 'plans'
  | 'merges'
  | 'orchestrators'
  | 'accounts'
  | 'spending'
  | 'problem';

/** What has to be read anew, because events say that it changed and not what it is now. */
export interface Wants {
  readonly tasks: ReadonlySet<string> | 'all';
  /** Tasks of which the agents are. */
  readonly agents: ReadonlySet<string>;
  readonly parts: ReadonlySet<Part>;
  /** The log is another one: nothing that is known counts. */
  readonly all: boolean;
}

export const NOTHING: Wants = { tasks: new Set(), agents: new Set(), parts: new Set(), all: false };

type Touch = Part | 'task' | 'agents' | 'dependents' | 'plan' | 'all';

const ENDS: readonly Touch[] = ['task', 'dependents', 'questions'];

/** What each event may have changed of what is shown. `agents`: nothing of the task itself. */
const TOUCHES: Readonly<Record<EventType, readonly Touch[]>> = {
  'task.added': ['task'],
  'task.claimed': ['task', 'accounts'],
  'task.started': ['task'],
  'worktree.prepared': ['agents'],
  'step.started': ['task'],
  'agent.started': ['agents'],
  'agent.session': ['agents'],
  'agent.output': [],
  'agent.usage': ['task', 'spending'],
  'agent.retrying': [],
  'agent.reported': [],
  'agent.ended': ['agents', 'accounts'],
  'step.finished': ['task', 'questions', 'accounts'],
  'task.snapshotted': ['task'],
  'task.asked': ['task', 'questions'],
  'question.asked': ['task', 'questions'],
  'question.escalated': ['questions'],
  'question.withdrawn': ['task', 'questions'],
  'merge.queued': ['task', 'merges'],
  'merge.started': ['task', 'merges'],
  'merge.verified': ['task', 'merges'],
  'merge.refused': ['task', 'merges'],
  'merge.verify_failed': ['task', 'merges'],
  'merge.conflicted': ['task', 'merges'],
  'merge.intended': ['task', 'merges'],
  'merge.done': ['task', 'merges'],
  'task.done': ENDS,
  'task.retried': ['task', 'questions', 'accounts'],
  'task.failed': ENDS,
  'task.released': ['task', 'questions', 'accounts'],
  'task.blocked': ['task'],
  'task.unblocked': ['task'],
  'task.skipped': ENDS,
  'task.cancelled': ENDS,
  'task.reset': ENDS,
  'task.paused': ['task', 'questions', 'accounts'],
  'task.resumed': ['task'],
  'task.answered': ['task', 'questions'],
  'task.archived': ENDS,
  'task.edited': ['task'],
  'task.renamed': ['plan', 'questions', 'messages', 'plans', 'merges'],
  'task.refreshed': ['task'],
  'orchestrator.started': ['orchestrators', 'spending'],
  'orchestrator.stopped': ['orchestrators', 'spending'],
  'orchestrator.lost': ['orchestrators', 'spending', 'accounts'],
  'orchestrator.dismissed': ['orchestrators'],
  'orchestrator.fenced': ['orchestrators', 'spending', 'accounts'],
  'write.refused': [],
  'roadmap.followed': [],
  'roadmap.unfollowed': [],
  'roadmap.synced': ['plan', 'outline', 'problem', 'questions'],
  'roadmap.rejected': ['problem'],
  'roadmap.held': ['problem'],
  'roadmap.confirmed': ['problem'],
  'provider.limited': ['accounts'],
  'provider.opened': ['accounts'],
  'provider.closed': ['accounts'],
  'budget.reached': ['spending'],
  'work.restored': ['task'],
  'store.full': [],
  'store.freed': [],
  'store.restored': ['all'],
  'log.accepted': ['all'],
  'delivery.done': [],
  'delivery.refused': [],
  'delivery.proposed': [],
  'agent.consulted': ['spending', 'accounts'],
  'message.sent': ['messages'],
  'message.read': ['messages'],
  'plan.proposed': ['plans'],
  'plan.applied': ['plans'],
  'plan.dropped': ['plans'],
  'plan.finished': [],
  'server.started': [],
  'server.stopped': [],
  'files.followed': [],
  'files.unfollowed': [],
  'files.conflicted': [],
  'files.rejected': [],
  'notice.undelivered': [],
  'project.paused': ['orchestrators'],
  'project.resumed': ['orchestrators'],
};

/** What these events want of a view that does not have them yet. */
export function wantsOf(view: ProjectView, events: readonly LoggedEvent[]): Wants {
  const tasks = new Set<string>();
  const agents = new Set<string>();
  const parts = new Set<Part>();
  const inMerges = new Set<string>(view.merges.map(({ task }) => task));
  const ended = new Set<string>();
  let allTasks = false;
  let all = false;
  for (const event of events) {
    const named = namedBy(event);
    if (named.some((task) => inMerges.has(task))) parts.add('merges');
    for (const touch of TOUCHES[event.type]) {
      if (touch === 'task') for (const task of named) tasks.add(task);
      if (touch === 'task' || touch === 'agents') for (const task of named) agents.add(task);
      else if (touch === 'dependents') for (const task of named) ended.add(task);
      else if (touch === 'all') all = true;
      else if (touch === 'plan') {
        if (event.type !== 'roadmap.synced' || event.others === true) allTasks = true;
        else for (const task of [...event.added, ...event.changed]) tasks.add(task);
      } else parts.add(touch);
    }
  }
  for (const task of behind(view, ended)) tasks.add(task);
  return { tasks: allTasks ? 'all' : tasks, agents, parts, all };
}

function namedBy(event: LoggedEvent): readonly string[] {
  if ('task' in event) return [event.task];
  if (event.type === 'roadmap.synced') return [...event.changed, ...event.removed];
  return event.type === 'orchestrator.lost' || event.type === 'orchestrator.fenced' ? event.tasks : [];
}

/**
 * Tasks that may wait for less now that these have ended: whoever waits for one of them, and of those behind a gate the
 * first, which tells of the others. See `heldOpen`.
 */
function behind(view: ProjectView, ended: ReadonlySet<string>): readonly string[] {
  if (ended.size === 0) return [];
  const { dependencies, tasks } = view;
  const found: string[] = [];
  const gates = new Set<number>();
  for (const id of ended) {
    const node = tasks.placeOf(id);
    if (node === undefined) continue;
    for (const dependent of nodesOf(dependencies.dependents, node)) {
      if (dependent >= dependencies.tasks) gates.add(dependent);
      else if (waits(view, dependent)) found.push(tasks.at(dependent)?.id ?? '');
    }
  }
  // What is in such a gate nobody knows: it may be any task.
  for (let gate = dependencies.tasks; gate < dependencies.nodes; gate++) {
    if (nodesOf(dependencies.needs, gate).length === 0) gates.add(gate);
  }
  for (const gate of gates) {
    const first = firstHeld(view, gate);
    if (first !== undefined) found.push(tasks.at(first)?.id ?? '');
  }
  return found;
}

/** What a gate holds up besides its first, when that one was found to wait for less, or for something else. */
export function heldOpen(view: ProjectView, changed: readonly string[]): ReadonlySet<string> {
  const { dependencies, tasks } = view;
  const found = new Set<string>();
  for (const id of changed) {
    const node = tasks.placeOf(id);
    if (node === undefined) continue;
    for (const gate of nodesOf(dependencies.needs, node)) {
      if (gate < dependencies.tasks || firstHeld(view, gate) !== node) continue;
      for (const held of nodesOf(dependencies.dependents, gate)) {
        if (held !== node && waits(view, held)) found.add(tasks.at(held)?.id ?? '');
      }
    }
  }
  return found;
}

function firstHeld(view: ProjectView, gate: number): number | undefined {
  return nodesOf(view.dependencies.dependents, gate).find((node) => waits(view, node));
}

function waits({ tasks }: ProjectView, node: number): boolean {
  return (tasks.at(node)?.pendingNeeds ?? 0) > 0;
}

/** What either of them wants. */
export function joined(a: Wants, b: Wants): Wants {
  if (a === NOTHING) return b;
  if (b === NOTHING) return a;
  const isAll = a.tasks === 'all' || b.tasks === 'all';
  return {
    tasks: isAll ? 'all' : new Set([...a.tasks, ...b.tasks]),
    agents: new Set([...a.agents, ...b.agents]),
    parts: new Set([...a.parts, ...b.parts]),
    all: a.all || b.all,
  };
}
