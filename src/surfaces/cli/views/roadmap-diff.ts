import type { SyncEffect, SyncPreview, TaskDifference } from '../../../core/tasks/ports.ts';
import { count } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Look, Paint } from '../style.ts';
import { SHOWN_STATES } from '../task-words.ts';
import { cut } from '../width.ts';

const SIGNS = {
  added: ['+', 'green'],
  returns: ['+', 'green'],
  changed: ['~', 'yellow'],
  renamed: ['~', 'yellow'],
  removed: ['-', 'red'],
} as const satisfies Record<TaskDifference['kind'], readonly [string, Look]>;

const EFFECTS = {
  applies: 'takes effect',
  stale: 'its agent is told at its next turn',
  none: 'changes nothing any more',
  archived: 'leaves the plan',
  drains: 'leaves the plan when its attempt ends',
  stopped: 'its agent is stopped, its work is saved, and it leaves the plan',
  done: 'counts as done',
  cancelled: 'is cancelled',
  reset: 'goes back in the queue',
  waits: 'gets its new id when its attempt ends',
} as const satisfies Record<SyncEffect, string>;

export function previewJson({ tasks, unchanged, held }: SyncPreview): unknown {
  return {
    unchanged,
    held: held ?? null,
    tasks: tasks.map(({ kind, id, from, title, state, fields, effects }) => ({
      kind,
      id,
      from: from ?? null,
      title,
      state: state ?? null,
      fields,
      effects,
    })),
  };
}

/** Task by task what an edit does, or did. */
export function renderPreview(
  { tasks, unchanged, held }: SyncPreview,
  { tense, width, paint }: { tense: 'would' | 'did'; width: number; paint: Paint },
): string[] {
  if (tasks.length === 0) return [`Nothing ${tense === 'did' ? 'changed' : 'would change'}.`];
  const lines = tasks.flatMap((task) => [
    headOf(task, paint),
    ...task.fields.map(({ field, before, after }) =>
      cut(`      ${field}: ${quoted(before)} → ${quoted(after)}`, width),
    ),
  ]);
  const summary = `${count(tasks.length, 'task')} ${tense === 'did' ? 'changed' : 'would change'}, ${unchanged} ${unchanged === 1 ? 'stays as it is' : 'stay as they are'}.`;
  lines.push('', summary);
  if (held !== undefined) {
    lines.push(
      `It takes away ${held.removed.length} of ${count(held.open, 'open task')}: nothing of it happens until you confirm it.`,
      `    ${paint('dim', 'cw roadmap confirm')}`,
    );
  }
  return lines;
}

function headOf({ kind, id, from, title, state, effects }: TaskDifference, paint: Paint): string {
  const [sign, look] = SIGNS[kind];
  const name = from === undefined ? safeLine(id) : `${safeLine(from)} → ${safeLine(id)}`;
  const was = state === undefined ? 'new' : SHOWN_STATES[state].word;
  const what =
    kind === 'added' && effects.length === 1 && effects[0] === 'applies' ? '' : `: ${effectText(effects)}`;
  return `${paint(look, `  ${sign} ${name}`)}  ${safeLine(title)} (${was})${what}`;
}

function effectText(effects: readonly SyncEffect[]): string {
  return effects.map((effect) => EFFECTS[effect]).join('; ');
}

function quoted(text: string): string {
  return text === '' ? '(nothing)' : `"${safeLine(text)}"`;
}
