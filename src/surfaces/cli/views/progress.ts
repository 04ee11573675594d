import type { Initiative, Phase, PlanGroup, Roadmap, TaskDefinition } from '../../../core/roadmap/model.ts';
import type { Task } from '../../../core/tasks/task.ts';
import { count, isoTime } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Look, Paint } from '../style.ts';
import { isSettledWell, SHOWN_STATES, shownState } from '../task-words.ts';
import { cut } from '../width.ts';

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

export function progressJson(progress: Progress): unknown {
  const task = (definition: TaskDefinition): unknown => ({
    id: definition.id,
    title: definition.title,
    state: progress.tasks.get(definition.id)?.state ?? 'pending',
  });
  const part = (each: Part): unknown => ({
    kind: each.kind,
    id: each.id,
    title: each.title,
    inserted: each.inserted,
    goal: each.goal ?? null,
    wave: each.wave ?? null,
    dependsOn: each.dependsOn,
    stage: each.stage,
    plans: each.plans,
    tasks: each.tasks,
    finishedAt: each.finishedAt === undefined ? null : isoTime(each.finishedAt),
    parts: each.parts.map(part),
    ownTasks: each.ownTasks.map(task),
  });
  return { parts: progress.parts.map(part), ownTasks: progress.ownTasks.map(task) };
}

const STAGE_LOOKS: Readonly<Record<Stage, Look>> = {
  'Not started': 'dim',
  'In progress': 'cyan',
  Complete: 'green',
};

/** The roadmap as a tree. */
export function renderProgress(progress: Progress, options: { width: number; paint: Paint }): string[] {
  const { paint, width } = options;
  const taskLines = (definitions: readonly TaskDefinition[], depth: number): string[] =>
    definitions.map((definition) => {
      const task = progress.tasks.get(definition.id);
      const shown = SHOWN_STATES[task === undefined ? 'pending' : shownState(task)];
      const indent = '  '.repeat(depth);
      const room = width - indent.length - 12;
      const text = cut(safeLine(`${definition.id}  ${definition.title}`), Math.max(12, room));
      return `${indent}${paint(shown.look, shown.word.padEnd(10))}  ${text}`;
    });
  const partLines = (part: Part, depth: number): string[] => {
    const indent = '  '.repeat(depth);
    const name = `${part.kind} ${part.id}${part.title === part.id ? '' : `  ${part.title}`}`;
    const inserted = part.inserted ? ` ${paint('yellow', 'INSERTED')}` : '';
    const head = `${indent}${paint('bold', cut(safeLine(name), Math.max(12, width - indent.length - 40)))}${inserted}`;
    return [
      `${head}  ${paint(STAGE_LOOKS[part.stage], stageText(part))}`,
      ...part.parts.flatMap((each) => partLines(each, depth + 1)),
      ...taskLines(part.ownTasks, depth + 1),
    ];
  };
  return [...progress.parts.flatMap((part) => partLines(part, 0)), ...taskLines(progress.ownTasks, 0)];
}

/** `2/3 plans, In progress`; `4/4 tasks, Complete 2026-11-21`. */
function stageText(part: Part): string {
  const { plans, tasks, stage, finishedAt } = part;
  const counted =
    plans.total > 0
      ? `${plans.done}/${count(plans.total, 'plan')}`
      : `${tasks.done}/${count(tasks.total, 'task')}`;
  const date = finishedAt === undefined ? '' : ` ${isoTime(finishedAt).slice(0, 10)}`;
  return `${counted}, ${stage}${date}`;
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
