import type { Initiative, Phase, PlanGroup, Roadmap, TaskDefinition } from '../roadmap/model.ts';
import type { TaskState } from './states.ts';
import type { Task } from './task.ts';

/** How far a part of the roadmap is. */
export type Stage = 'Not started' | 'In progress' | 'Complete';

/** One initiative, phase or plan with how far it is; its children in the order of the file. */
export interface Part {
  readonly kind: 'initiative' | 'phase' | 'plan';
  readonly id: string;
  readonly title: string;
  /** A phase with a decimal number was pushed in later. */
  readonly inserted: boolean;
  readonly goal: string | undefined;
  readonly wave: number | undefined;
  readonly dependsOn: readonly string[];
  readonly plans: { readonly done: number; readonly total: number };
  readonly tasks: { readonly done: number; readonly total: number };
  readonly stage: Stage;
  /** When the last task of a complete part was finished, epoch ms. */
  readonly finishedAt: number | undefined;
  readonly parts: readonly Part[];
  readonly ownTasks: readonly TaskDefinition[];
}

/** What the roadmap defines, with what the store knows of each task. */
export interface Progress {
  readonly parts: readonly Part[];
  readonly ownTasks: readonly TaskDefinition[];
  readonly tasks: ReadonlyMap<string, Task>;
}

export function roadmapProgress(roadmap: Roadmap, tasks: readonly Task[]): Progress {
  const states = new Map<string, Task>(tasks.map((task) => [task.id, task]));
  return {
    parts: [
      ...roadmap.initiatives.map((each) => initiativePart(each, states)),
      ...roadmap.phases.map((each) => phasePart(each, states)),
      ...roadmap.plans.map((each) => planPart(each, states)),
    ],
    ownTasks: roadmap.tasks,
    tasks: states,
  };
}

function initiativePart(initiative: Initiative, states: ReadonlyMap<string, Task>): Part {
  const parts = [
    ...initiative.phases.map((each) => phasePart(each, states)),
    ...initiative.plans.map((each) => planPart(each, states)),
  ];
  return makePart({ kind: 'initiative', inserted: false, wave: undefined, parts }, initiative, states);
}

function phasePart(phase: Phase, states: ReadonlyMap<string, Task>): Part {
  const parts = phase.plans.map((each) => planPart(each, states));
  return makePart({ kind: 'phase', inserted: phase.inserted, wave: undefined, parts }, phase, states);
}

function planPart(plan: PlanGroup, states: ReadonlyMap<string, Task>): Part {
  return makePart({ kind: 'plan', inserted: false, wave: plan.wave, parts: [] }, plan, states);
}

function makePart(
  kind: Pick<Part, 'kind' | 'inserted' | 'wave' | 'parts'>,
  group: {
    readonly id: string;
    readonly title: string;
    readonly goal?: string;
    readonly dependsOn: readonly string[];
    readonly tasks: readonly TaskDefinition[];
  },
  states: ReadonlyMap<string, Task>,
): Part {
  const own = group.tasks.map((definition) => states.get(definition.id));
  const settled = own.filter((task) => task !== undefined && isSettledWell(task.state));
  const tasks = {
    done: settled.length + sum(kind.parts.map((part) => part.tasks.done)),
    total: own.length + sum(kind.parts.map((part) => part.tasks.total)),
  };
  const plans = {
    done: sum(kind.parts.map((part) => planCount(part, 'done'))),
    total: sum(kind.parts.map((part) => planCount(part, 'total'))),
  };
  const started =
    tasks.done > 0 ||
    own.some((task) => task !== undefined && task.attempts > 0) ||
    kind.parts.some((part) => part.stage !== 'Not started');
  const complete = tasks.total > 0 && tasks.done === tasks.total;
  const ends = [
    ...settled.map((task) => task?.finishedAt ?? 0),
    ...kind.parts.map((part) => part.finishedAt ?? 0),
  ];
  const last = Math.max(0, ...ends);
  return {
    ...kind,
    id: group.id,
    title: group.title,
    goal: group.goal,
    dependsOn: group.dependsOn,
    plans,
    tasks,
    stage: complete ? 'Complete' : started ? 'In progress' : 'Not started',
    finishedAt: complete && last > 0 ? last : undefined,
    ownTasks: group.tasks,
  };
}

function planCount(part: Part, which: 'done' | 'total'): number {
  if (part.kind !== 'plan') return part.plans[which];
  return which === 'total' || part.stage === 'Complete' ? 1 : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

/** A task that counts towards the whole: finished well, or taken out of it on purpose. */
function isSettledWell(state: TaskState): boolean {
  return state === 'done' || state === 'skipped';
}
