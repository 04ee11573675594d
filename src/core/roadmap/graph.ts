import type { GateId, NodeId, TaskId } from '../ids.ts';
import type { PlanGroup, Roadmap, RoadmapTask } from './model.ts';

export type ItemKind = 'initiative' | 'phase' | 'plan' | 'task';

/** A container with all tasks in it, at any depth. */
export interface Container {
  readonly id: string;
  readonly kind: Exclude<ItemKind, 'task'>;
  readonly title: string;
  readonly was?: readonly string[];
  readonly dependsOn: readonly string[];
  readonly members: readonly TaskId[];
}

/** Why a task waits for a node: the item that says so, and what it says. */
export interface Need {
  readonly node: NodeId;
  /** The task itself, one of its containers, or the plan whose wave it is. */
  readonly owner: string;
  /** The id as written, or `wave`. */
  readonly named: string;
}

/** A roadmap without its hierarchy: who waits for what, through which gates. */
export interface Graph {
  /** In roadmap order. */
  readonly tasks: readonly RoadmapTask[];
  readonly containers: ReadonlyMap<string, Container>;
  /** Gates that something waits for; none is empty. */
  readonly gates: ReadonlyMap<GateId, readonly TaskId[]>;
  /** For each task in the order of `tasks`; may name one node for several reasons. */
  readonly needs: readonly (readonly Need[])[];
}

/** Upper bound of edges in one plan: containers times dependencies could otherwise grow with the square. */
export const MOST_EDGES = 2_000_000;

/** Tasks in roadmap order: initiatives, then phases, plans and tasks that stand outside of one. */
export function tasksInOrder(roadmap: Roadmap): readonly RoadmapTask[] {
  return collect(roadmap).tasks;
}

/**
 * The dependency graph of a roadmap. Ids that nobody has are left out: the parser has refused them. Returns
 * `too-many` instead of building more than `MOST_EDGES` edges.
 */
export function graphOf(roadmap: Roadmap): Graph | 'too-many' {
  const { tasks, containers, waves } = collect(roadmap);
  const taskIds = new Set<string>(tasks.map((task) => task.id));
  const gates = new Map<GateId, readonly TaskId[]>();
  let edges = 0;

  const target = (named: string): NodeId | undefined => {
    if (taskIds.has(named)) return named as TaskId;
    const members = containers.get(named)?.members ?? [];
    return members.length === 0 ? undefined : openGate(`gate:${named}`, members);
  };
  const openGate = (id: GateId, members: readonly TaskId[]): GateId => {
    if (!gates.has(id)) {
      gates.set(id, members);
      edges += members.length;
    }
    return id;
  };

  // What a container waits for is looked up once, not once for each of its tasks.
  const declared = new Map<string, readonly Need[]>();
  const declaredBy = (owner: string, dependsOn: readonly string[]): readonly Need[] => {
    const known = declared.get(owner);
    if (known !== undefined) return known;
    const needs = dependsOn.flatMap((named) => {
      const node = target(named);
      return node === undefined ? [] : [{ node, owner, named }];
    });
    declared.set(owner, needs);
    return needs;
  };

  const needs: Need[][] = [];
  for (const task of tasks) {
    const { initiative, phase, plan } = task.path;
    const all: Need[] = [...declaredBy(task.id, task.dependsOn)];
    for (const id of [plan, phase, initiative]) {
      const container = id === undefined ? undefined : containers.get(id);
      if (container === undefined) continue;
      for (const need of declaredBy(container.id, container.dependsOn)) all.push(need);
    }
    const wave = plan === undefined ? undefined : waves.get(plan);
    if (wave !== undefined)
      all.push({ node: openGate(wave.gate, wave.members), owner: wave.plan, named: 'wave' });
    edges += all.length;
    if (edges > MOST_EDGES) return 'too-many';
    needs.push(all);
  }
  return { tasks, containers, gates, needs };
}

interface Collected {
  readonly tasks: RoadmapTask[];
  readonly containers: Map<string, Container>;
  /** By plan: the gate of the waves before its own. */
  readonly waves: Map<string, Wave>;
}

interface Wave {
  readonly plan: string;
  readonly gate: GateId;
  readonly members: readonly TaskId[];
}

function collect(roadmap: Roadmap): Collected {
  const tasks: RoadmapTask[] = [];
  const containers = new Map<string, Container>();
  const waves = new Map<string, Wave>();

  const walkTasks = (list: readonly RoadmapTask[]): TaskId[] => {
    for (const task of list) tasks.push(task);
    return list.map((task) => task.id);
  };
  const walkPlans = (plans: readonly PlanGroup[], parent: string): TaskId[] => {
    const byWave = new Map<number, { plans: string[]; members: TaskId[] }>();
    const all = plans.flatMap((plan) => {
      const members = walkTasks(plan.tasks);
      containers.set(plan.id, { ...plan, kind: 'plan', members });
      if (plan.wave === undefined) return members;
      const wave = byWave.get(plan.wave) ?? { plans: [], members: [] };
      byWave.set(plan.wave, wave);
      wave.plans.push(plan.id);
      for (const member of members) wave.members.push(member);
      return members;
    });
    let earlier: readonly TaskId[] = [];
    for (const [number, wave] of [...byWave].sort(([a], [b]) => a - b)) {
      const members = earlier;
      if (members.length > 0) {
        for (const plan of wave.plans) waves.set(plan, { plan, gate: `gate:${parent}#${number}`, members });
      }
      earlier = [...earlier, ...wave.members];
    }
    return all;
  };
  const walkPhases = (phases: Roadmap['phases']): TaskId[] =>
    phases.flatMap((phase) => {
      const members = [...walkPlans(phase.plans, phase.id), ...walkTasks(phase.tasks)];
      containers.set(phase.id, { ...phase, kind: 'phase', members });
      return members;
    });
  for (const initiative of roadmap.initiatives) {
    const members = [
      ...walkPhases(initiative.phases),
      ...walkPlans(initiative.plans, initiative.id),
      ...walkTasks(initiative.tasks),
    ];
    containers.set(initiative.id, { ...initiative, kind: 'initiative', members });
  }
  walkPhases(roadmap.phases);
  walkPlans(roadmap.plans, '');
  walkTasks(roadmap.tasks);
  return { tasks, containers, waves };
}
