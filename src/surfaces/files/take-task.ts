import { editsOf } from '../../core/files/three-way.ts';
import type { TaskId } from '../../core/ids.ts';
import type { FieldValue, TaskFields } from '../../core/roadmap/edits.ts';
import type { Position } from '../../core/source/located.ts';
import { quoted } from '../../core/source/problem.ts';
import type { Task } from '../../core/tasks/task.ts';
import { ask, command, type DoorOutcome } from './doors.ts';
import type { KeeperParts, Records } from './parts.ts';
import { directoryIn, nameOf, taskPath } from './places.ts';
import { type ReadPage, readPage } from './read-page.ts';
import { refused, refusedAt, type Saved, type Taken } from './taken.ts';
import { definitionFields, editableFields, PROMPT, TASK_KEYS, taskProblems } from './task-page.ts';

type Parts = Pick<KeeperParts, 'api' | 'readYaml'>;

/** Carries out what a person changed in the page of a task. */
export async function takeTask(parts: Parts, saved: Saved, task: Task): Promise<Taken> {
  const reading = readPage(saved.path, saved.text, parts.readYaml);
  if (reading.kind === 'invalid') return refused(reading.problems[0] ?? NO_PROBLEM);
  const { page } = reading;
  const base = editedVersion(parts, saved, page);
  const [problem] = taskProblems(nameOf(saved.path), page, { base: base?.fields, id: task.id });
  if (problem !== undefined) return refused(problem);
  if (/^(yes|true)$/i.test(String(page.fields.remove ?? ''))) {
    const gone = await ask(parts.api.removeTask({ task: task.id }));
    return gone.kind === 'done' ? { kind: 'moved' } : refusedAt(placeOf(page, ['remove']), gone);
  }
  const theirs = editableFields(page);
  const stored = {
    ...definitionFields(task),
    id: task.id,
    state: task.state,
    [PROMPT]: task.definition.prompt,
  };
  const { changed, conflicts } = editsOf({
    base: base === undefined ? {} : editableFields(base),
    theirs,
    stored,
  });
  const { id, state: _, ...fields } = changed;
  const named = { id: task.id, fields, isRenamed: typeof id === 'string' && id !== task.id };
  if (named.isRenamed) {
    const outcome = await ask(parts.api.renameTask({ task: task.id, to: String(id) }));
    if (outcome.kind === 'refused') return refusedAt(placeOf(page, ['id']), outcome);
    named.id = String(id) as TaskId;
  }
  const set = await setFields(parts, named.id, fields);
  if (set.kind === 'refused') return refusedAt(placeOf(page, Object.keys(fields)), set);
  const moved = await moveState(parts, {
    task,
    id: named.id,
    from: base?.fields.state,
    to: page.fields.state,
  });
  if (moved.kind === 'refused') return refusedAt(placeOf(page, ['state']), moved);
  if (named.isRenamed) return { kind: 'moved', to: taskPath({ ...task.definition, id: named.id }) };
  const conflict = conflicts.some((key) => key !== 'state');
  return { kind: 'accepted', conflict, revision: revisionOf(page) };
}

/** Adds the task of a file that a person made. */
export async function takeNewTask(
  parts: Parts,
  saved: Saved,
  records: Records,
  into: string | undefined,
): Promise<Taken> {
  const { path, text, versions } = saved;
  const reading = readPage(path, text, parts.readYaml);
  if (reading.kind === 'invalid') return refused(reading.problems[0] ?? NO_PROBLEM);
  const { page } = reading;
  const revision = revisionOf(page);
  // Saved by an editor that still had the page of a task which is gone: that is no new task.
  if (revision !== undefined && versions.some((version) => version.revision === revision)) {
    return { kind: 'late', beside: path };
  }
  const id = String(page.fields.id ?? nameOf(path).replace(/\.md$/, ''));
  const [problem] = taskProblems(nameOf(path), page, { id });
  if (problem !== undefined) return refused(problem);
  if (records.tasks.some((task) => task.id.toLowerCase() === id.toLowerCase())) {
    const place = placeOf(page, ['id']);
    const message = `There is a task ${quoted(id)} already.`;
    return refused({ ...place, message, advice: 'Give this one another id:, or delete this file.' });
  }
  const given = TASK_KEYS.flatMap((key) =>
    page.fields[key] === undefined ? [] : [[key, page.fields[key]] as const],
  );
  const fields: TaskFields = { ...Object.fromEntries(given), [PROMPT]: page.body };
  const named = { ...fields, title: String(page.fields.title ?? id) };
  const outcome = await ask(
    parts.api.addTask({ id, fields: named, ...(into === undefined ? {} : { into }) }),
  );
  if (outcome.kind === 'refused') return refusedAt(placeOf(page, [...Object.keys(fields), 'id']), outcome);
  const place = `${directoryIn(path)}/${nameOf(taskPath({ id: id as TaskId, path: {} }))}`;
  return place === path ? { kind: 'accepted', revision } : { kind: 'moved', to: place };
}

const NO_PROBLEM = { line: 1, col: 1, message: 'The file cannot be read.', advice: 'Write it anew.' };

/** The version that a page was made from: the one that it names, else the last that stood there. */
function editedVersion({ readYaml }: Parts, { path, versions }: Saved, page: ReadPage): ReadPage | undefined {
  const revision = revisionOf(page);
  const named = versions.find((version) => revision !== undefined && version.revision === revision);
  const version = named ?? versions[0];
  const reading = version === undefined ? undefined : readPage(path, version.text, readYaml);
  return reading?.kind === 'read' ? reading.page : undefined;
}

function revisionOf({ fields }: ReadPage): string | undefined {
  return fields.revision === undefined ? undefined : String(fields.revision);
}

async function setFields(
  { api }: Parts,
  id: TaskId,
  fields: Readonly<Record<string, FieldValue | null>>,
): Promise<DoorOutcome> {
  if (Object.keys(fields).length === 0) return { kind: 'done' };
  return await ask(api.editTask({ task: id, fields }));
}

/** A state that a person wrote is a command. What the task has become by itself meanwhile is for the command to judge. */
async function moveState(
  { api }: Parts,
  {
    task,
    id,
    from,
    to,
  }: { task: Task; id: TaskId; from: FieldValue | undefined; to: FieldValue | undefined },
): Promise<DoorOutcome> {
  if (from === undefined || to === undefined || to === from || to === task.state) return { kind: 'done' };
  if (to === 'cancelled') return await command(api.cancel({ tasks: [id] }));
  if (to === 'pending') return await command(api.retry({ tasks: [id] }));
  return {
    kind: 'refused',
    message: `A person cannot make a task ${quoted(String(to))}.`,
    advice: 'state: pending tries it again, state: cancelled ends it.',
  };
}

/** Where the first of the keys stands that the page has; the prompt stands in the body. */
function placeOf(page: ReadPage, keys: readonly string[]): Position {
  for (const key of keys) {
    const entry = page.head.entries.find((each) => each.key === key);
    if (entry !== undefined) return entry.keyAt;
    if (key === PROMPT) return { line: page.bodyLine, col: 1 };
  }
  return { line: 1, col: 1 };
}
