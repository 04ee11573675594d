import type { TaskDefinition } from '../../core/roadmap/model.ts';
import { slugOf } from '../../core/roadmap/read-id.ts';
import type { QuestionRecord } from '../../core/tasks/task.ts';

/** Where the pages lie, relative to `.codewalk`. No id can begin with `_`, or lead out of a directory. */
export const INBOX = 'inbox';
export const DONE = 'inbox/done';
export const PLAN = 'plan';

/** Ends of names that mean something beside a page. */
const TAKEN = /\.yours(-\d+)?$/;

/** The directory of a container, by the ids on the way to it. */
export function directoryOf(path: TaskDefinition['path']): string {
  const names = [path.initiative, path.phase, path.plan].flatMap((id) =>
    id === undefined ? [] : [directoryName(id)],
  );
  return [PLAN, ...names].join('/');
}

/** A task and a container may stand side by side as `a.md` and `a`. */
function directoryName(id: string): string {
  return id.toLowerCase().endsWith('.md') ? `${id}_` : id;
}

export function taskPath({ id, path }: Pick<TaskDefinition, 'id' | 'path'>): string {
  return `${directoryOf(path)}/${TAKEN.test(id) ? `${id}_` : id}.md`;
}

/**
 * The name of a question's page for each question. Agents choose the ids of their questions, so they are made safe, and
 * the later of two that come to the same name gets a number.
 */
export function questionNames(questions: readonly QuestionRecord[]): ReadonlyMap<QuestionRecord, string> {
  const taken = new Set<string>(['readme']);
  const names = new Map<QuestionRecord, string>();
  for (const question of questions.toSorted((a, b) => a.askedAt - b.askedAt)) {
    const slug = slugOf(question.id);
    const stem = `${question.task}-${slug === '' ? 'question' : slug}`;
    let name = TAKEN.test(stem) ? `${stem}_` : stem;
    for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${stem}-${n}`;
    taken.add(name.toLowerCase());
    names.set(question, name);
  }
  return names;
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function directoryIn(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
