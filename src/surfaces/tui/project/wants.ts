import type { EventType, LoggedEvent } from '../../../core/events/event.ts';
import { dependentsOf } from './graph.ts';
import type { ProjectView } from './view.ts';

/** A part of the records that is read as a whole. */
export type Part =
  | 'outline'
  | 'questions'
  | 'messages'
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
  'task.answered': ['task', 'questions'],
  'task.archived': ENDS,
  'task.edited': ['task'],
  'task.renamed': ['plan', 'questions', 'messages', 'merges'],
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
  'plan.proposed': [],
  'plan.applied': [],
  'plan.dropped': [],
  'plan.finished': [],
  'server.started': [],
  'server.stopped': [],
  'files.followed': [],
  'files.unfollowed': [],
  'files.conflicted': [],
  'files.rejected': [],
  'notice.undelivered': [],
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
  const { shape } = view;
  const found: string[] = [];
  const gates = new Set<number>();
  for (const id of ended) {
    const node = shape.index.get(id);
    if (node === undefined) continue;
    for (const dependent of dependentsOf(shape.dependents, node)) {
      if (dependent >= shape.tasks) gates.add(dependent);
      else if (waits(view, dependent)) found.push(shape.ids[dependent] ?? '');
    }
  }
  // What is in such a gate nobody knows: it may be any task.
  for (let node = shape.tasks; node < shape.ids.length; node++) {
    if (shape.needs[node]?.length === 0) gates.add(node);
  }
  for (const gate of gates) {
    const first = dependentsOf(shape.dependents, gate).find((node) => waits(view, node));
    if (first !== undefined) found.push(shape.ids[first] ?? '');
  }
  return found;
}

/** What a gate holds up besides its first, when that one was found to wait for less, or for something else. */
export function heldOpen(view: ProjectView, changed: ReadonlySet<string>): ReadonlySet<string> {
  const { shape } = view;
  const found = new Set<string>();
  for (let gate = shape.tasks; gate < shape.ids.length; gate++) {
    const waiting = dependentsOf(shape.dependents, gate).filter((node) => waits(view, node));
    const [first] = waiting;
    if (first === undefined || !changed.has(shape.ids[first] ?? '')) continue;
    for (const node of waiting.subarray(1)) found.add(shape.ids[node] ?? '');
  }
  return found;
}

function waits({ shape, byId }: ProjectView, node: number): boolean {
  return (byId.get(shape.ids[node] ?? '')?.pendingNeeds ?? 0) > 0;
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
