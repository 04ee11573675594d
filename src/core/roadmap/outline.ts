import type { TaskState } from '../tasks/states.ts';
import type { ItemKind } from './graph.ts';
import type { Initiative, Phase, PlanGroup, Roadmap, TaskDefinition } from './model.ts';

/** How much of a container is finished. Cancelled and archived tasks count for neither number. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** One line of the roadmap as people see it, with what stands below it. */
export interface OutlineNode {
  readonly kind: ItemKind;
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly dependsOn: readonly string[];
  /** Of a task: its state, `pending` when the store does not know it yet. */
  readonly state?: TaskState;
  /** Of a container: its tasks. */
  readonly tasks?: Progress;
  /** Of a phase or initiative with plans: its plans; a plan is done when all its tasks are. */
  readonly plans?: Progress;
  readonly wave?: number;
  /** Of a phase: pushed in between two others. */
  readonly inserted?: boolean;
  readonly goal?: string;
  readonly requirements?: readonly string[];
  readonly research?: Phase['research'];
  readonly children: readonly OutlineNode[];
}

/** The roadmap as a tree with the state of each task and the progress of each container. */
export function outline(roadmap: Roadmap, states: ReadonlyMap<string, TaskState>): readonly OutlineNode[] {
  return [
    ...roadmap.initiatives.map((initiative) => initiativeNode(initiative, states)),
    ...roadmap.phases.map((phase) => phaseNode(phase, states)),
    ...planNodes(roadmap.plans, states),
    ...roadmap.tasks.map((task) => taskNode(task, states)),
  ];
}

type States = ReadonlyMap<string, TaskState>;

function initiativeNode(initiative: Initiative, states: States): OutlineNode {
  const { phases, plans, tasks, ...own } = initiative;
  return containerNode('initiative', own, [
    ...phases.map((phase) => phaseNode(phase, states)),
    ...planNodes(plans, states),
    ...tasks.map((task) => taskNode(task, states)),
  ]);
}

function phaseNode({ plans, tasks, ...own }: Phase, states: States): OutlineNode {
  return containerNode('phase', own, [
    ...planNodes(plans, states),
    ...tasks.map((task) => taskNode(task, states)),
  ]);
}

/** Plans in the order of their waves; those without a wave first, because nothing holds them. */
function planNodes(plans: readonly PlanGroup[], states: States): readonly OutlineNode[] {
  return plans
    .toSorted((a, b) => (a.wave ?? 0) - (b.wave ?? 0))
    .map(({ tasks, ...own }) =>
      containerNode(
        'plan',
        own,
        tasks.map((task) => taskNode(task, states)),
      ),
    );
}

function taskNode({ id, title, dependsOn }: TaskDefinition, states: States): OutlineNode {
  return { kind: 'task', id, title, dependsOn, state: states.get(id) ?? 'pending', children: [] };
}

type Own = Omit<OutlineNode, 'kind' | 'children' | 'tasks' | 'plans' | 'state'>;

function containerNode(kind: ItemKind, own: Own, children: readonly OutlineNode[]): OutlineNode {
  const tasks = sum(children.map((child) => (child.kind === 'task' ? taskProgress(child) : child.tasks)));
  const plans = sum(children.map((child) => (child.kind === 'plan' ? planProgress(child) : child.plans)));
  return { kind, ...own, tasks, ...(plans.total > 0 ? { plans } : {}), children };
}

function taskProgress({ state }: OutlineNode): Progress {
  if (state === 'cancelled' || state === 'archived') return { done: 0, total: 0 };
  return { done: state === 'done' || state === 'skipped' ? 1 : 0, total: 1 };
}

function planProgress({ tasks }: OutlineNode): Progress {
  return { done: tasks !== undefined && tasks.total > 0 && tasks.done === tasks.total ? 1 : 0, total: 1 };
}

function sum(parts: readonly (Progress | undefined)[]): Progress {
  let done = 0;
  let total = 0;
  for (const part of parts) {
    done += part?.done ?? 0;
    total += part?.total ?? 0;
  }
  return { done, total };
}
