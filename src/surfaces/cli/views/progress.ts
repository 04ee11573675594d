import type { RoadmapView } from '../../../core/api/ports.ts';
import type { TaskDefinition } from '../../../core/roadmap/model.ts';
import type { Part, Progress, Stage } from '../../../core/tasks/progress.ts';
import { count, isoTime } from '../format.ts';
import { safeBlock, safeLine } from '../safe-text.ts';
import type { Look, Paint } from '../style.ts';
import { SHOWN_STATES, shownState } from '../task-words.ts';
import { cut } from '../width.ts';

export function progressJson(progress: Progress, finished: RoadmapView['finished']): unknown {
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
    summary: finished[each.id]?.made ?? null,
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
export function renderProgress(
  progress: Progress,
  options: {
    width: number;
    paint: Paint;
    /** Also say what was made in parts that are over. */
    finished?: RoadmapView['finished'];
  },
): string[] {
  const { paint, width, finished = {} } = options;
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
      ...madeLines(finished[part.id]?.made ?? '').map((line) => `${indent}  ${paint('dim', line)}`),
      ...part.parts.flatMap((each) => partLines(each, depth + 1)),
      ...taskLines(part.ownTasks, depth + 1),
    ];
  };
  return [...progress.parts.flatMap((part) => partLines(part, 0)), ...taskLines(progress.ownTasks, 0)];
}

function madeLines(made: string): string[] {
  return made === '' ? [] : safeBlock(made).split('\n');
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
