import { byUrgency } from '../dispatch/decide.ts';
import type { TaskId } from '../ids.ts';
import type { TaskDefinition } from '../roadmap/model.ts';
import { present } from '../source/present.ts';
import { TASK_STATES, type TaskState } from '../tasks/states.ts';
import type { Pause, Task } from '../tasks/task.ts';

/** Which tasks are asked for; what is absent is not asked for. */
export interface NextFilter {
  /** `ready`: those that could start at once, which is the default. */
  readonly states?: readonly (TaskState | 'ready')[];
  /** Ids of the containers that a task stands in. */
  readonly initiative?: string;
  readonly phase?: string;
  readonly plan?: string;
  readonly domain?: string;
  /** The agent that begins it. */
  readonly agent?: string;
  /** At most so many. Default: 5. */
  readonly limit?: number;
}

/** A task as somebody is told it who asks what is next. */
export interface NextTask {
  readonly id: TaskId;
  readonly state: TaskState;
  /** It waits for nothing. */
  readonly isReady: boolean;
  /** A person lets it rest. */
  readonly paused?: Pause;
  readonly definition: TaskDefinition;
  /** The agent that begins it. */
  readonly agent: string;
}

export const DEFAULT_LIMIT = 5;

/** The states that tasks of the answer may be in. */
export function statesOf({ states = ['ready'] }: NextFilter): readonly TaskState[] {
  return TASK_STATES.filter(
    (state) => states.includes(state) || (state === 'pending' && states.includes('ready')),
  );
}

/** The next tasks in the order in which they would start, as many as asked for. */
export function nextTasks(
  tasks: readonly Task[],
  filter: NextFilter,
  agentOf: (definition: TaskDefinition) => string,
): readonly NextTask[] {
  return tasks
    .filter((task) => matches(task, filter, agentOf))
    .sort((a, b) => byUrgency(urgencyOf(a), urgencyOf(b)))
    .slice(0, filter.limit ?? DEFAULT_LIMIT)
    .map((task) => ({
      id: task.id,
      state: task.state,
      isReady: isReady(task),
      ...present({ paused: task.paused }),
      definition: task.definition,
      agent: agentOf(task.definition),
    }));
}

/** Is the task one of those that are asked for? */
export function matches(
  task: Task,
  filter: NextFilter,
  agentOf: (definition: TaskDefinition) => string,
): boolean {
  const { path, domain } = task.definition;
  const { states = ['ready'] } = filter;
  const isWanted = states.includes(task.state) || (states.includes('ready') && isReady(task));
  return (
    isWanted &&
    (filter.initiative === undefined || path.initiative === filter.initiative) &&
    (filter.phase === undefined || path.phase === filter.phase) &&
    (filter.plan === undefined || path.plan === filter.plan) &&
    (filter.domain === undefined || domain === filter.domain) &&
    (filter.agent === undefined || agentOf(task.definition) === filter.agent)
  );
}

function isReady({ state, pendingNeeds, paused }: Task): boolean {
  return state === 'pending' && pendingNeeds === 0 && paused === undefined;
}

function urgencyOf({ definition: { priority }, chain, order }: Task) {
  return { priority, chain, order };
}
