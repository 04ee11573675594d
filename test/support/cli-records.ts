import type { LoggedEvent, NewEvent } from '../../src/core/events/event.ts';
import type { TaskId } from '../../src/core/ids.ts';
import { PRIORITIES } from '../../src/core/roadmap/model.ts';
import type { Counts } from '../../src/core/tasks/ports.ts';
import { TASK_STATES, type TaskState } from '../../src/core/tasks/states.ts';
import type { Task } from '../../src/core/tasks/task.ts';

/** Records for the tests of what the command line shows: complete, with only what matters to the test said. */

export function aTask(id: string, more: Partial<Task> & { title?: string } = {}): Task {
  const { title = `Title of ${id}`, ...rest } = more;
  return {
    id: id as TaskId,
    definition: {
      id: id as TaskId,
      title,
      prompt: 'Do it',
      path: {},
      dependsOn: [],
      files: [],
      priority: PRIORITIES.medium,
      exitCriteria: [],
      onFailure: 'hard',
    },
    state: 'pending',
    order: 0,
    chain: 1,
    needs: [],
    pendingNeeds: 0,
    attempts: 0,
    failures: 0,
    bounces: 0,
    fence: 0,
    owner: undefined,
    leaseUntil: undefined,
    notBefore: undefined,
    reason: undefined,
    summary: undefined,
    branch: undefined,
    worktree: undefined,
    base: undefined,
    head: undefined,
    mergeCommit: undefined,
    mergeStrategy: undefined,
    intent: undefined,
    costUsd: 0,
    inputTokens: 0,
    outputTokens: 0,
    createdAt: 0,
    startedAt: undefined,
    finishedAt: undefined,
    stale: [],
    ...rest,
  } as Task;
}

export function someCounts(states: Partial<Record<TaskState, number>>, more: Partial<Counts> = {}): Counts {
  const byState = Object.fromEntries(
    TASK_STATES.map((state) => [state, states[state] ?? 0]),
  ) as Counts['byState'];
  const total = Object.values(byState).reduce((sum, each) => sum + each, 0);
  return { byState, ready: 0, paused: 0, total, costUsd: 0, ...more };
}

export function logged(seq: number, at: number, event: NewEvent): LoggedEvent {
  return { seq, at, ...event };
}
