import { isFinal } from '../tasks/states.ts';
import type { Task } from '../tasks/task.ts';

/** A plan of more characters is cut: what is far from the asker goes first. */
const MOST_CHARS = 60_000;
const SUMMARY_CHARS = 400;

/**
 * The whole plan as its reader needs it: a line for each task with its state and what it waits for, and what finished
 * ones left behind. Of a plan that is too long, the asker's neighbours and what is at work come first, in roadmap order.
 */
export function planText(tasks: readonly Task[], askers: ReadonlySet<string>): string {
  const near = neighbours(tasks, askers);
  const rank = (task: Task) =>
    near.has(task.id) ? 0 : task.owner !== undefined ? 1 : isFinal(task.state) ? 3 : 2;
  const byNearness = [...tasks].sort((a, b) => rank(a) - rank(b) || a.order - b.order);
  const kept = new Map<string, string>();
  let left = MOST_CHARS;
  for (const task of byNearness) {
    const line = taskLine(task);
    left -= line.length + 1;
    if (left < 0) break;
    kept.set(task.id, line);
  }
  const lines = tasks.flatMap((task) => kept.get(task.id) ?? []);
  const rest = tasks.length - kept.size;
  return [...lines, ...(rest === 0 ? [] : [`- and ${rest} more`])].join('\n');
}

/** The askers, what they need, and what needs them. */
function neighbours(tasks: readonly Task[], askers: ReadonlySet<string>): ReadonlySet<string> {
  const near = new Set(askers);
  for (const { id, needs } of tasks) {
    if (askers.has(id)) for (const need of needs) near.add(need);
    else if (needs.some((need) => askers.has(need))) near.add(id);
  }
  return near;
}

function taskLine({ id, definition, state, summary }: Task): string {
  const needs = definition.dependsOn.length === 0 ? '' : `; needs ${definition.dependsOn.join(', ')}`;
  const files = definition.files.length === 0 ? '' : `; writes ${definition.files.join(', ')}`;
  const made = summary === undefined || summary === '' ? '' : `; made: ${clip(oneLine(summary))}`;
  return `- ${id} (${state}): ${oneLine(definition.title)}${needs}${files}${made}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function clip(text: string): string {
  return text.length <= SUMMARY_CHARS ? text : `${text.slice(0, SUMMARY_CHARS).toWellFormed()}…`;
}
