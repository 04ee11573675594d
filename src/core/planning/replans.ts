import type { TaskId } from '../ids.ts';
import type { Task } from '../tasks/task.ts';
import type { PlanRecord } from './ports.ts';

/** A task for which another way is to be asked for. */
export interface DueReplan {
  readonly task: Task;
  /** Of the task that makes the plan: the same for everybody who finds this at once. */
  readonly id: TaskId;
}

const ID_CHARS = 50;

/**
 * The tasks that failed for good and have not been asked about since, as long as another way was not asked for `most`
 * times already. What is proposed in the place of a task counts with it, so there is no end of new ways.
 */
export function dueReplans(facts: {
  /** In all states. */
  readonly tasks: readonly Task[];
  readonly plans: readonly PlanRecord[];
  readonly most: number;
}): readonly DueReplan[] {
  const { tasks, plans, most } = facts;
  const cameFrom = new Map(
    plans.flatMap(({ replaces, added }) =>
      replaces === undefined ? [] : added.map((id) => [id as string, replaces as string] as const),
    ),
  );
  const asked = tasks.flatMap(({ definition: { planning }, createdAt }) =>
    planning?.replaces === undefined
      ? []
      : [{ of: planning.replaces as string, root: rootOf(planning.replaces, cameFrom), createdAt }],
  );
  return tasks.flatMap((task) => {
    const { id, state, definition, finishedAt = 0 } = task;
    if (state !== 'failed' || definition.adHoc === true) return [];
    const root = rootOf(id, cameFrom);
    const times = asked.filter((each) => each.root === root).length;
    const isAsked = asked.some((each) => each.of === id && each.createdAt >= finishedAt);
    if (isAsked || times >= most) return [];
    const number = asked.filter((each) => each.of === id).length + 1;
    const name = `replan-${id.slice(0, ID_CHARS)}${number === 1 ? '' : `-${number}`}`;
    return [{ task, id: name as TaskId }];
  });
}

/** The task that a chain of new ways began with. */
function rootOf(id: string, cameFrom: ReadonlyMap<string, string>): string {
  const seen = new Set<string>();
  let root = id;
  for (
    let before = cameFrom.get(root);
    before !== undefined && !seen.has(before);
    before = cameFrom.get(root)
  ) {
    seen.add(before);
    root = before;
  }
  return root;
}

/** Open tasks that wait for this one, directly or not, by what the roadmap says. */
export function waitingFor(task: Task, tasks: readonly Task[]): readonly TaskId[] {
  const { path } = task.definition;
  const gone = new Set<string>([task.id, ...Object.values(path)]);
  const found: TaskId[] = [];
  for (let more = true; more; ) {
    more = false;
    for (const { id, state, definition } of tasks) {
      if (gone.has(id) || state === 'done' || state === 'archived') continue;
      if (!definition.dependsOn.some((each) => gone.has(each))) continue;
      gone.add(id);
      found.push(id);
      more = true;
    }
  }
  return found;
}
