import { durationText } from './duration.ts';
import type { TaskDefinition } from './model.ts';

/** One field of a task, by its name in the file, as text before and after an edit; empty where it is not set. */
export interface FieldChange {
  readonly field: TaskField;
  readonly before: string;
  readonly after: string;
}

type TextOf = (definition: TaskDefinition) => string | undefined;

/** Every field that an edit can change, as a person reads it. */
const FIELDS = {
  title: (task) => task.title,
  prompt: (task) => task.prompt,
  exit_criteria: (task) => task.exitCriteria.map((line) => `- ${line}`).join('\n'),
  depends_on: (task) => task.dependsOn.join(', '),
  files: (task) => task.files.join(', '),
  agent: (task) => task.agent,
  workflow: (task) => task.workflow,
  status: (task) => task.initialState ?? 'pending',
  priority: (task) => String(task.priority),
  verify: (task) => task.verify,
  approve: (task) => task.approve?.toString(),
  timeout: (task) => (task.timeoutMs === undefined ? undefined : durationText(task.timeoutMs)),
  budget: (task) => budgetText(task.budget),
  max_attempts: (task) => task.maxAttempts?.toString(),
  on_failure: (task) => task.onFailure,
  domain: (task) => task.domain,
  initiative: (task) => task.path.initiative,
  phase: (task) => task.path.phase,
  plan: (task) => task.path.plan,
} as const satisfies Record<string, TextOf>;

export type TaskField = keyof typeof FIELDS;

/** What an agent was told about its task, or works by: an edit of these is told to it. */
const TOLD: ReadonlySet<TaskField> = new Set([
  'title',
  'prompt',
  'exit_criteria',
  'depends_on',
  'files',
  'agent',
  'workflow',
]);

/** What the work is judged by: when these change after the last turn, the work is not finished any more. */
const ASKED: ReadonlySet<TaskField> = new Set(['title', 'prompt', 'exit_criteria']);

export function isTold(field: TaskField): boolean {
  return TOLD.has(field);
}

export function isAsked(field: TaskField): boolean {
  return ASKED.has(field);
}

export function fieldText(definition: TaskDefinition, field: TaskField): string {
  return FIELDS[field](definition) ?? '';
}

/**
 * The fields that differ in meaning. `renamed` gives the id that an item of the older roadmap has now: what only
 * follows a rename is no change.
 */
export function changedFields(
  before: TaskDefinition,
  after: TaskDefinition,
  renamed: ReadonlyMap<string, string> = new Map(),
): FieldChange[] {
  const followed = renamed.size === 0 ? before : following(before, after, renamed);
  return (Object.keys(FIELDS) as TaskField[]).flatMap((field) => {
    const [old, now] = [fieldText(followed, field), fieldText(after, field)];
    return old === now ? [] : { field, before: fieldText(before, field), after: now };
  });
}

/** The older definition with the ids that its roadmap uses now. */
function following(
  before: TaskDefinition,
  after: TaskDefinition,
  renamed: ReadonlyMap<string, string>,
): TaskDefinition {
  const now = (id: string) => renamed.get(id) ?? id;
  const path = Object.fromEntries(Object.entries(before.path).map(([level, id]) => [level, now(id)]));
  return {
    ...before,
    path,
    dependsOn: before.dependsOn.map(now),
    // A task without a title is called by its id.
    title: before.title === before.id && after.title === after.id ? after.title : before.title,
  };
}

function budgetText(budget: TaskDefinition['budget']): string | undefined {
  if (budget === undefined) return undefined;
  const { usd, turns } = budget;
  return [
    ...(usd === undefined ? [] : [`${usd} USD`]),
    ...(turns === undefined ? [] : [`${turns} turns`]),
  ].join(', ');
}
