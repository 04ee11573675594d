import { CodewalkError } from '../errors.ts';
import { parseTaskId } from '../parse-task-id.ts';
import type { PlanNext } from '../planning/plan-next.ts';
import { present } from '../source/present.ts';
import {
  type CommandDecision,
  decideCancel,
  decidePause,
  decideResume,
  decideRetry,
} from '../tasks/commands.ts';
import { ACTIVE_STATES, isFinal, type TaskState } from '../tasks/states.ts';
import type { Task } from '../tasks/task.ts';
import { type Actor, nameOf } from './actor.ts';
import { findTask, refreshed } from './find-task.ts';
import type { ProjectParts } from './parts.ts';
import type { CommandResult, ProjectApi } from './ports.ts';
import { taskDiff } from './task-diff.ts';

type TaskOperations = Pick<
  ProjectApi,
  | 'tasks'
  | 'task'
  | 'next'
  | 'diff'
  | 'logs'
  | 'readLog'
  | 'readLogBefore'
  | 'retry'
  | 'cancel'
  | 'pauseTasks'
  | 'resumeTasks'
  | 'stopAgent'
>;

/** What can be seen of tasks, and commanded. */
export function taskOperations(
  parts: ProjectParts,
  actor: Actor,
  planNext: () => Promise<PlanNext>,
): TaskOperations {
  const by = nameOf(actor);
  return {
    tasks: async ({ ids, ...filter } = {}) => {
      const warning = await refreshed(parts);
      const known = ids === undefined ? {} : { ids: ids.map(parseTaskId) };
      return { tasks: await (await parts.store()).tasks({ ...filter, ...known }), ...warning };
    },
    task: async ({ task: text }) => {
      const warning = await refreshed(parts);
      const [task, store] = [await findTask(parts, text), await parts.store()];
      return {
        task,
        steps: await store.steps(task.id),
        sessions: await store.sessions(task.id),
        questions: await store.questions({ task: task.id }),
        messages: await store.messages({ of: `task:${task.id}` }),
        predecessors: await store.predecessors(task.id),
        ...warning,
      };
    },
    next: async (filter) => {
      const warning = await refreshed(parts, 'plan-next');
      const paused = await (await parts.store()).pause();
      return { ...(await (await planNext()).next(filter)), ...present({ paused }), ...warning };
    },
    diff: (which) => taskDiff(parts, which),
    logs: async ({ task: text, attempt, step, raw = false }) => {
      const task = await findTask(parts, text);
      const all = (await parts.logs.list(task.place)).filter((file) => file.isRaw === raw);
      const latest = Math.max(0, ...all.map((file) => file.attempt));
      // A step number is unique in the whole life of a task, so it needs no attempt beside it.
      const wanted = attempt ?? (step === undefined ? latest : undefined);
      const files = all
        .filter((file) => wanted === undefined || file.attempt === wanted)
        .filter((file) => step === undefined || file.step === step);
      return { task: task.id, attempts: task.attempts, isOver: isFinal(task.state), files };
    },
    readLog: async ({ task: text, name, from, isOver }) => {
      const { place } = await findTask(parts, text);
      return await parts.logs.read({ place, name }, { from, isOver });
    },
    readLogBefore: async ({ task: text, name, before }) => {
      const { place } = await findTask(parts, text);
      return await parts.logs.readBefore({ place, name }, before);
    },
    retry: async ({ tasks }) => ({
      ...(await refreshed(parts)),
      results: await commandAll(parts, tasks, (task) => decideRetry(task, by)),
    }),
    cancel: async ({ tasks }) => ({
      ...(await refreshed(parts)),
      results: await cancelAll(parts, tasks, by),
    }),
    pauseTasks: async ({ tasks, reason = '' }) => ({
      ...(await refreshed(parts)),
      results: await commandAll(parts, tasks, (task) => decidePause(task, { by, reason })),
    }),
    resumeTasks: async ({ tasks }) => ({
      ...(await refreshed(parts)),
      results: await commandAll(parts, tasks, (task) => decideResume(task, by)),
    }),
    stopAgent: async ({ task: text }) => {
      const task = await findTask(parts, text);
      if (!(ACTIVE_STATES as readonly TaskState[]).includes(task.state)) {
        throw new CodewalkError('NOT_RUNNING', `no agent works on ${task.id}`, {
          advice: `cw agent list shows those at work; to take the task out: cw task cancel ${task.id}`,
        });
      }
      return { results: await cancelAll(parts, [task.id], by) };
    },
  };
}

/** Whoever works on a task saves its work while it stops; what nobody works on is saved here. */
async function cancelAll(
  parts: ProjectParts,
  texts: readonly string[],
  by: string,
): Promise<readonly CommandResult[]> {
  return await commandAll(
    parts,
    texts,
    (task) => decideCancel(task, by),
    async (before) => (await parts.recovery.saveCancelled(before))?.id,
  );
}

/**
 * Commands each task in turn, in a transaction of its own. An unknown id stops everything before anything is
 * changed; a refusal does not hold up the tasks after it.
 */
async function commandAll(
  parts: ProjectParts,
  texts: readonly string[],
  decide: (task: Task) => CommandDecision,
  save?: (before: Task) => Promise<string | undefined>,
): Promise<readonly CommandResult[]> {
  const tasks = await Promise.all([...new Set(texts)].map((text) => findTask(parts, text)));
  const store = await parts.store();
  const results: CommandResult[] = [];
  for (const task of tasks) {
    const outcome = await store.command(task.id, decide);
    if (outcome.kind === 'refused') {
      const { reason, advice } = outcome;
      results.push({ kind: 'refused', task: task.id, reason, advice });
    } else if (outcome.kind === 'recorded') {
      const saved = await save?.(task);
      results.push({ kind: 'done', task: task.id, ...(saved === undefined ? {} : { saved }) });
    }
  }
  return results;
}
