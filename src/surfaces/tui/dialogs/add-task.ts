import type { RoadmapChange } from '../../../core/api/parts.ts';
import type { RoadmapTask } from '../../../core/roadmap/model.ts';
import type { Values } from '../widgets/form.ts';
import type { FormEnd, FormOpening, FormSpec, IntroText } from './form-dialog.ts';

/** Writes a new task into the roadmap. `into`: id of the plan, phase or initiative that it goes to. */
export function addTask({ into }: { into?: string } = {}): FormSpec {
  return {
    name: 'task.add',
    title: into === undefined ? 'Add a task' : `Add a task to ${into}`,
    intro: [],
    fields: [
      { kind: 'text', name: 'title', label: 'Title' },
      { kind: 'text', name: 'prompt', label: 'Prompt', lines: true, hint: 'what the agent is told' },
      {
        kind: 'text',
        name: 'dependsOn',
        label: 'Depends on',
        hint: 'ids of tasks, plans or phases, with commas',
      },
      { kind: 'text', name: 'files', label: 'Files it writes', hint: 'src/a.ts, src/b/**' },
      { kind: 'text', name: 'agent', label: 'Agent', hint: 'default: the workflow of the settings' },
    ],
    action: 'add',
    submit: (values) => {
      const { title = '' } = values;
      return title.trim() === ''
        ? { kind: 'missing', field: 'title', text: 'A task needs a title.' }
        : { kind: 'call', operation: 'addTask', input: newTask(values, into) };
    },
    done: (value) => changed(value as RoadmapChange, `Added ${(value as { id: string }).id} to the roadmap.`),
  };
}

function newTask(
  { title = '', prompt = '', dependsOn = '', files = '', agent = '' }: Values,
  into: string | undefined,
): object {
  return {
    fields: {
      title: title.trim(),
      // A task without a prompt is no task; the title is at least what the person said.
      prompt: prompt.trim() === '' ? title.trim() : prompt.trimEnd(),
      ...listField('depends_on', dependsOn),
      ...listField('files', files),
      ...(agent.trim() === '' ? {} : { agent: agent.trim() }),
    },
    ...(into === undefined ? {} : { into }),
  };
}

function listField(key: string, text: string): object {
  const items = wordsOf(text);
  return items.length === 0 ? {} : { [key]: items };
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** Changes what the roadmap says of a task. */
export function editTask({ task }: { task: string }): FormOpening {
  return {
    name: `task.edit.${task}`,
    title: `Edit ${task}`,
    operation: 'definition',
    input: { task },
    opens: (value) => editForm(value as RoadmapTask),
  };
}

function editForm(was: RoadmapTask): FormSpec {
  const before = { dependsOn: was.dependsOn.join(', '), files: was.files.join(', '), agent: was.agent ?? '' };
  return {
    name: `task.edit.${was.id}.do`,
    title: `Edit ${was.id}`,
    intro: [],
    fields: [
      { kind: 'text', name: 'prompt', label: 'Prompt', lines: true, value: was.prompt },
      { kind: 'text', name: 'title', label: 'Title', value: was.title },
      { kind: 'text', name: 'dependsOn', label: 'Depends on', value: before.dependsOn },
      { kind: 'text', name: 'files', label: 'Files it writes', value: before.files },
      { kind: 'text', name: 'agent', label: 'Agent', value: before.agent },
    ],
    action: 'change',
    submit: ({ title = '', prompt = '', dependsOn = '', files = '', agent = '' }) => {
      if (title.trim() === '') return { kind: 'missing', field: 'title', text: 'A task needs a title.' };
      if (prompt.trim() === '') return { kind: 'missing', field: 'prompt', text: 'A task needs a prompt.' };
      // Only what was changed is written, so that the rest of the file stays as its owner wrote it.
      const fields = {
        ...(title.trim() === was.title ? {} : { title: title.trim() }),
        ...(prompt.trimEnd() === was.prompt.trimEnd() ? {} : { prompt: prompt.trimEnd() }),
        ...(dependsOn === before.dependsOn ? {} : { depends_on: listOrNone(dependsOn) }),
        ...(files === before.files ? {} : { files: listOrNone(files) }),
        ...(agent.trim() === before.agent ? {} : { agent: agent.trim() === '' ? null : agent.trim() }),
      };
      return Object.keys(fields).length === 0
        ? { kind: 'missing', field: 'prompt', text: 'Nothing is changed yet.' }
        : { kind: 'call', operation: 'editTask', input: { task: was.id, fields } };
    },
    done: (value) => changed(value as RoadmapChange, `Changed ${was.id} in the roadmap.`),
  };
}

function listOrNone(text: string): readonly string[] | null {
  const items = wordsOf(text);
  return items.length === 0 ? null : items;
}

/** The file is changed even where the plan could not follow: that is said with it. */
function changed({ diff, problem }: RoadmapChange, what: string): FormEnd {
  if (diff === '') return { kind: 'close', notice: 'The roadmap says so already.' };
  if (problem === undefined) return { kind: 'close', notice: what };
  return { kind: 'close', notice: `${what} The plan does not follow it: ${problem.message}` };
}

/** Takes the latest edit of the roadmap back, after it has shown what that would be. */
export function undoEdit(): FormOpening {
  return {
    name: 'roadmap.undo',
    title: 'Undo the latest edit of the roadmap',
    operation: 'undoEdit',
    input: { dryRun: true },
    opens: (value) => {
      const { what, diff } = value as RoadmapChange;
      return {
        name: 'roadmap.undo.do',
        title: 'Undo the latest edit of the roadmap?',
        intro: [{ text: `It was: ${what}` }, ...diffTexts(diff)],
        fields: [],
        action: 'undo it',
        submit: () => ({ kind: 'call', operation: 'undoEdit', input: {} }),
        done: (undone) => changed(undone as RoadmapChange, `Took back: ${what}`),
      };
    },
  };
}

/** A unified diff as lines with looks. */
export function diffTexts(diff: string): readonly IntroText[] {
  return diff
    .replace(/\n$/, '')
    .split('\n')
    .map((text): IntroText => {
      if (text.startsWith('+') && !text.startsWith('+++')) return { text, look: 'added' };
      if (text.startsWith('-') && !text.startsWith('---')) return { text, look: 'removed' };
      return text.startsWith(' ') ? { text } : { text, look: 'dim' };
    });
}
