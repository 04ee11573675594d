import type { FieldValue } from '../../core/roadmap/edits.ts';
import type { Initiative, Phase, PlanGroup, Roadmap, TaskDefinition } from '../../core/roadmap/model.ts';
import { type Part, type Progress, roadmapProgress } from '../../core/tasks/progress.ts';
import type { Task } from '../../core/tasks/task.ts';
import { directoryOf, nameOf, PLAN, taskPath } from './places.ts';
import type { HeadLine, PageText } from './print-page.ts';

/** What was made in a part of the roadmap that is finished. */
export interface PartSummary {
  readonly done: number;
  readonly total: number;
  readonly made: string;
}

type Details = Partial<Pick<Phase, 'description' | 'requirements' | 'research'>>;

const HOW_TO = `## How to work here

Each task is a file. Edit and save it, and roadmap.yaml follows; its other lines stay as they are.

- A new file such as \`cart-model.md\` in the directory of a plan adds a task. All it needs is a text.
- \`id: other\` renames a task, \`state: cancelled\` ends it, \`state: pending\` tries it again.
- A file that is deleted comes back and asks; \`remove: yes\` in it takes the task out of the roadmap.
- What cannot be taken has a \`.warning.txt\` beside it. What was changed on both sides is kept in a \`.yours.md\`.

Files that begin with \`_\` are written by Codewalk alone.`;

/** The pages of all containers and of the whole, by path. */
export function containerPages(
  roadmap: Roadmap,
  tasks: readonly Task[],
  summaries: ReadonlyMap<string, PartSummary>,
): ReadonlyMap<string, PageText> {
  const progress = roadmapProgress(roadmap, tasks);
  const details = detailsOf(roadmap);
  const pages = new Map<string, PageText>();
  const add = (part: Part, above: TaskDefinition['path']): void => {
    const path = { ...above, [part.kind]: part.id };
    const summary = summaries.get(part.id);
    pages.set(
      `${directoryOf(path)}/_${part.kind}.md`,
      partPage(part, progress, details.get(part.id), summary),
    );
    for (const each of part.parts) add(each, path);
  };
  for (const part of progress.parts) add(part, {});
  pages.set(`${PLAN}/_project.md`, projectPage(roadmap, progress));
  return pages;
}

function projectPage({ project }: Roadmap, progress: Progress): PageText {
  const done = progress.parts.reduce((sum, part) => sum + part.tasks.done, 0);
  const total = progress.parts.reduce((sum, part) => sum + part.tasks.total, 0);
  const own = progress.ownTasks.filter(({ id }) => progress.tasks.get(id)?.state === 'done').length;
  const head: HeadLine[] = [
    ...(project === undefined ? [] : [['project', project] as const]),
    ['tasks', `${done + own}/${total + progress.ownTasks.length}`],
  ];
  const tables = [partTable(progress.parts), taskTable(progress.ownTasks, progress)];
  return {
    head,
    body: [`# ${cell(project ?? 'The plan')}`, ...tables, HOW_TO].filter((text) => text !== '').join('\n\n'),
  };
}

function partPage(
  part: Part,
  progress: Progress,
  { description, requirements = [], research }: Details = {},
  summary: PartSummary | undefined,
): PageText {
  const fields: readonly (readonly [string, FieldValue | undefined])[] = [
    ['id', part.id],
    ['level', part.kind],
    ['title', part.title],
    ['inserted', part.inserted ? true : undefined],
    ['wave', part.wave],
    ['depends_on', part.dependsOn.length === 0 ? undefined : part.dependsOn],
    ['state', part.stage],
    [
      'plans',
      part.plans.total === 0 || part.kind === 'plan' ? undefined : `${part.plans.done}/${part.plans.total}`,
    ],
    ['tasks', `${part.tasks.done}/${part.tasks.total}`],
    ['finished', part.finishedAt === undefined ? undefined : dateOf(part.finishedAt)],
  ];
  const found = research?.topics.map((topic) => `- ${topic}`) ?? [];
  const sections = [
    `# ${cell(part.title)}`,
    part.goal === undefined ? '' : `Goal: ${part.goal.trim()}`,
    description?.trim() ?? '',
    requirements.length === 0 ? '' : `Requirements:\n\n${requirements.map((each) => `- ${each}`).join('\n')}`,
    research?.needed === true ? `Research first${found.length === 0 ? '.' : `:\n\n${found.join('\n')}`}` : '',
    partTable(part.parts),
    taskTable(part.ownTasks, progress),
    summary === undefined
      ? ''
      : `## Summary\n\n${summary.done} of ${summary.total} tasks.\n\n${summary.made.trim()}`,
  ];
  const head = fields.flatMap(([key, value]): HeadLine[] => (value === undefined ? [] : [[key, value]]));
  return { head, body: sections.filter((text) => text !== '').join('\n\n') };
}

function partTable(parts: readonly Part[]): string {
  if (parts.length === 0) return '';
  const rows = parts.map((part) => {
    const { done, total } = part.plans.total > 0 && part.kind !== 'plan' ? part.plans : part.tasks;
    const what = part.plans.total > 0 && part.kind !== 'plan' ? 'plans' : 'tasks';
    const end = part.finishedAt === undefined ? '' : dateOf(part.finishedAt);
    const link = `[${part.id}](${nameOf(directoryOf({ [part.kind]: part.id }))}/_${part.kind}.md)`;
    const inserted = part.inserted ? ' (INSERTED)' : '';
    return `| ${part.kind} ${link}${inserted} | ${cell(part.title)} | ${done}/${total} ${what} | ${part.stage} | ${end} |`;
  });
  return ['| part | title | done | state | finished |', '|---|---|---|---|---|', ...rows].join('\n');
}

function taskTable(definitions: readonly TaskDefinition[], { tasks }: Progress): string {
  if (definitions.length === 0) return '';
  const rows = definitions.map((definition) => {
    const task = tasks.get(definition.id);
    const link = `[${definition.id}](${nameOf(taskPath(definition))})`;
    return `| ${link} | ${cell(definition.title)} | ${task?.state ?? 'pending'} |`;
  });
  return ['| task | title | state |', '|---|---|---|', ...rows].join('\n');
}

function detailsOf(roadmap: Roadmap): ReadonlyMap<string, Details> {
  const found = new Map<string, Details>();
  const addPlans = (plans: readonly PlanGroup[]) => {
    for (const plan of plans) found.set(plan.id, plan);
  };
  const addPhases = (phases: readonly Phase[]) => {
    for (const phase of phases) {
      found.set(phase.id, phase);
      addPlans(phase.plans);
    }
  };
  const addInitiative = (initiative: Initiative) => {
    found.set(initiative.id, initiative);
    addPhases(initiative.phases);
    addPlans(initiative.plans);
  };
  roadmap.initiatives.forEach(addInitiative);
  addPhases(roadmap.phases);
  addPlans(roadmap.plans);
  return found;
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
}
