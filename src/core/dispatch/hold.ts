import type { TaskId } from '../ids.ts';
import type { AccountStanding } from '../resilience/breaker.ts';
import type { ReachedBudget } from '../resilience/budget.ts';
import type { Counts, Store } from '../tasks/ports.ts';
import type { Pause } from '../tasks/task.ts';

/** Why tasks that could begin do not before a person acts. */
export type Hold =
  | { kind: 'account'; standing: AccountStanding; tasks: readonly TaskId[] }
  | { kind: 'budget'; budget: ReachedBudget }
  /** So much work waits for an approval that no new task begins. */
  | { kind: 'review'; waiting: number; limit: number; tasks: readonly TaskId[] }
  /** A person paused the project; `tasks`: how many could begin. */
  | { kind: 'project-paused'; pause: Pause; tasks: number }
  /** … or these. */
  | { kind: 'tasks-paused'; tasks: readonly { readonly id: TaskId; readonly pause: Pause }[] };

/** What pauses hold up when nothing else can run. `only`: no other tasks count; absent: all do. */
export async function pauseHolds(
  store: Pick<Store, 'tasks'>,
  about: { counts: Counts; pause: Pause | undefined; only: ReadonlySet<TaskId> | undefined },
): Promise<readonly Hold[]> {
  const { counts, pause, only } = about;
  if (counts.paused === 0 && pause === undefined) return [];
  const tasks = await store.tasks({
    states: ['pending'],
    ...(only === undefined ? {} : { ids: [...only] }),
  });
  const paused = tasks.flatMap(({ id, paused: its }) => (its === undefined ? [] : [{ id, pause: its }]));
  const ready = tasks.filter((task) => task.pendingNeeds === 0 && task.paused === undefined).length;
  return [
    ...(pause === undefined || ready === 0
      ? []
      : [{ kind: 'project-paused', pause, tasks: ready } satisfies Hold]),
    ...(paused.length === 0 ? [] : [{ kind: 'tasks-paused', tasks: paused } satisfies Hold]),
  ];
}
