import type { TaskId } from '../ids.ts';
import type { Plan, PlannedTask, TaskDefinition } from '../roadmap/model.ts';
import type { Approvals } from './approvals-of.ts';

/**
 * What an edit of the roadmap does to the approval of a task. `dropped`: its work would go on without a person.
 * `done`: it would count as finished without one. `forgotten`: it would be gone before the store has known it, so that
 * nobody would know of the approval if it came back.
 */
export interface LostApproval {
  readonly task: TaskId;
  readonly how: 'dropped' | 'done' | 'forgotten';
}

/**
 * The approvals that an edit of the roadmap would take away or get around, in the order of the new plan. Each task of
 * the plan after the edit is held against what it was before: under its id in the plan before, else under its id in
 * the store, where removed tasks stay known; and under every id that it is now said to have had. So neither removing a
 * task and adding it again, nor giving its work to another one, loses an approval.
 */
export function lostApprovals(
  edit: {
    /** Undefined: the file had no task. */
    readonly before: Plan | undefined;
    readonly after: Plan;
    /** By id: every task that the store knows, also removed ones. */
    readonly known: ReadonlyMap<string, TaskDefinition>;
  },
  approvals: (definition: TaskDefinition) => Approvals | undefined,
): readonly LostApproval[] {
  const { after, known } = edit;
  const before = new Map<string, PlannedTask>(
    edit.before?.tasks.map((task) => [task.definition.id, task] as const),
  );
  const lost = after.tasks.flatMap((task): LostApproval[] => {
    const { definition } = task;
    const earlier = earlierOf(task, before, known);
    if (earlier.some((old) => isWeaker(old, definition, approvals)))
      return [{ task: definition.id, how: 'dropped' }];
    const becomesDone =
      definition.initialState === 'done' &&
      earlier.some((old) => old.initialState !== 'done' && isGated(old, approvals));
    return becomesDone ? [{ task: definition.id, how: 'done' }] : [];
  });
  return [...lost, ...forgotten(before, after, known, approvals)];
}

function earlierOf(
  { definition, was = [] }: PlannedTask,
  before: ReadonlyMap<string, PlannedTask>,
  known: ReadonlyMap<string, TaskDefinition>,
): readonly TaskDefinition[] {
  const same = before.get(definition.id);
  const followed = new Set(same?.was);
  const own = same?.definition ?? known.get(definition.id);
  const taken = was
    .filter((id) => !followed.has(id))
    .flatMap((id) => [before.get(id)?.definition ?? [], known.get(id) ?? []].flat());
  return own === undefined ? taken : [own, ...taken];
}

function isWeaker(
  old: TaskDefinition,
  now: TaskDefinition,
  approvals: (definition: TaskDefinition) => Approvals | undefined,
): boolean {
  const [had, has] = [approvals(old), approvals(now)];
  // What its workflow wants is not known: it stays the same one.
  if (had === undefined) {
    const isSame = old.workflow === now.workflow && old.agent === now.agent;
    return !isSame || (old.approve === true && now.approve !== true);
  }
  if (has === undefined) return had.beforeMerge || had.atSteps > 0;
  return (had.beforeMerge && !has.beforeMerge) || has.atSteps < had.atSteps;
}

function isGated(
  definition: TaskDefinition,
  approvals: (definition: TaskDefinition) => Approvals | undefined,
): boolean {
  const has = approvals(definition);
  return has === undefined || has.beforeMerge || has.atSteps > 0;
}

/** Tasks that go without the store having known them, under any of their ids, as what wants an approval. */
function forgotten(
  before: ReadonlyMap<string, PlannedTask>,
  after: Plan,
  known: ReadonlyMap<string, TaskDefinition>,
  approvals: (definition: TaskDefinition) => Approvals | undefined,
): readonly LostApproval[] {
  const stay = new Set<string>(after.tasks.flatMap(({ definition, was = [] }) => [definition.id, ...was]));
  return [...before.values()].flatMap(({ definition, was = [] }): LostApproval[] => {
    if (stay.has(definition.id) || !isGated(definition, approvals)) return [];
    const isKnown = [definition.id, ...was].some((id) => {
      const old = known.get(id);
      return old !== undefined && !isWeaker(definition, old, approvals);
    });
    return isKnown ? [] : [{ task: definition.id, how: 'forgotten' }];
  });
}
