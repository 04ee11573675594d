import type { ProviderView, SettingsView } from '../../../core/api/ports.ts';
import { EVENT_TYPES } from '../../../core/events/types.ts';
import type { PlanRecord } from '../../../core/planning/ports.ts';
import type { OutlinePart } from '../../../core/roadmap/outline.ts';
import type { Task } from '../../../core/tasks/task.ts';
import type { Completion } from '../../cli/commands.ts';
import { SHOWN_STATES, shownState } from '../../cli/task-words.ts';
import type { CommandOutput, Effect } from '../app.ts';
import { memoised } from '../panes/memoised.ts';
import type { TaskTable } from '../project/task-table.ts';
import type { ProjectView } from '../project/view.ts';

/** Something that may stand for a word, and what it is. */
export interface Value {
  readonly text: string;
  readonly help: string;
}

/** What the face itself knows of a kind of values; undefined: the project must be asked. `task`: comes first. */
export function knownValues(
  kind: Completion,
  view: ProjectView,
  task: string | undefined,
): readonly Value[] | undefined {
  switch (kind) {
    case 'task': {
      const [chosen, all] = [task === undefined ? undefined : view.tasks.get(task), taskValues(view.tasks)];
      return chosen === undefined
        ? all
        : [taskValue(chosen), ...all.filter(({ text }) => text !== chosen.id)];
    }
    case 'container':
      return parts(view.records.outline);
    case 'orchestrator':
      return view.orchestrators.map(({ id, host }) => ({ text: id, help: `at work on ${host}` }));
    case 'state':
      return Object.entries(SHOWN_STATES).map(([text, { word }]) => ({
        text,
        help: text === word ? '' : word,
      }));
    case 'event':
      return EVENT_TYPES.map((text) => ({ text, help: '' }));
    case 'shell':
      return ['bash', 'zsh', 'fish', 'powershell'].map((text) => ({ text, help: '' }));
    default:
      return undefined;
  }
}

const taskValues = memoised((tasks: TaskTable): readonly Value[] => tasks.list().map(taskValue));

function taskValue(task: Task): Value {
  const { id, definition } = task;
  const { word } = SHOWN_STATES[shownState(task)];
  return { text: id, help: definition.title === id ? word : `${word}  ${definition.title}` };
}

function parts(outline: readonly OutlinePart[]): readonly Value[] {
  return outline.flatMap(({ id, kind, title, parts: inner }) => [
    { text: id, help: title === id ? kind : `${kind}  ${title}` },
    ...parts(inner),
  ]);
}

/** How the project is asked for the values of a kind; told with what `toldValues` reads. `typed`: the word so far. */
export function askFor(kind: Completion, typed: string): Effect | undefined {
  const name = sourceOf(kind, typed);
  switch (kind) {
    case 'agent':
    case 'workflow':
    case 'setting':
      return { kind: 'call', name, operation: 'settings', input: undefined };
    case 'provider':
      return { kind: 'call', name, operation: 'providers', input: undefined };
    case 'plan':
      return { kind: 'call', name, operation: 'plans', input: {} };
    case 'saved':
      return { kind: 'command', name, argv: ['recover', 'list', '--json'], width: 80 };
    case 'file':
      return { kind: 'paths', name, directory: directoryOf(typed) };
    default:
      return undefined;
  }
}

/** Names what is asked once: values of a kind, of paths those in one directory. */
export function sourceOf(kind: Completion, typed: string): string {
  return kind === 'file' ? `palette.file ${directoryOf(typed)}` : `palette.${kind}`;
}

function directoryOf(typed: string): string {
  return typed.slice(0, typed.lastIndexOf('/') + 1);
}

/** What the project said, as values. */
export function toldValues(kind: Completion, typed: string, told: unknown): readonly Value[] {
  switch (kind) {
    case 'agent':
      return namesIn(told as SettingsView, 'agents');
    case 'workflow':
      return namesIn(told as SettingsView, 'workflows');
    case 'setting':
      return (told as SettingsView).settings.map(({ name, value, help }) => ({
        text: name,
        help: `${value === undefined ? '' : `${shownValue(value)}  `}${help ?? ''}`,
      }));
    case 'provider':
      return providerValues(told as readonly ProviderView[]);
    case 'plan':
      return (told as readonly PlanRecord[]).map(({ id, state, goal }) => ({
        text: id,
        help: `${state}  ${goal}`,
      }));
    case 'saved':
      return savedValues(told as CommandOutput);
    case 'file':
      return (told as readonly string[]).map((name) => ({ text: `${directoryOf(typed)}${name}`, help: '' }));
    default:
      return [];
  }
}

function namesIn({ settings }: SettingsView, section: string): readonly Value[] {
  const names = new Set(
    settings.flatMap(({ key }) => (key[0] === section && key[1] !== undefined ? [key[1]] : [])),
  );
  return [...names].map((text) => ({ text, help: '' }));
}

function providerValues(views: readonly ProviderView[]): readonly Value[] {
  const accounts = new Set(views.map(({ account }) => account));
  return [
    ...views.map(({ name, type }) => ({ text: name, help: type })),
    ...[...accounts]
      .filter((account) => views.every(({ name }) => name !== account))
      .map((text) => ({ text, help: 'account' })),
  ];
}

function savedValues({ code, text }: CommandOutput): readonly Value[] {
  if (code !== 0) return [];
  const entries = JSON.parse(text) as readonly {
    readonly id: string;
    readonly task?: string;
    readonly reason?: string;
  }[];
  return entries.map(({ id, task, reason }) => ({
    text: id,
    help: [task, reason].filter((each) => each !== undefined).join('  '),
  }));
}

function shownValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}
