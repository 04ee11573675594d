import type { PageProblem } from '../../core/files/ports.ts';
import type { PageFields } from '../../core/files/three-way.ts';
import { nothingDeclared } from '../../core/roadmap/declared.ts';
import { durationText } from '../../core/roadmap/duration.ts';
import type { FieldValue } from '../../core/roadmap/edits.ts';
import { PRIORITIES } from '../../core/roadmap/model.ts';
import { parseTask } from '../../core/roadmap/parse-task.ts';
import type { RoadmapProblemCode } from '../../core/roadmap/problem.ts';
import type { LocatedEntry, LocatedMap } from '../../core/source/located.ts';
import { nearest } from '../../core/source/nearest.ts';
import { ProblemList, quoted } from '../../core/source/problem.ts';
import type { Task } from '../../core/tasks/task.ts';
import type { HeadLine, PageText } from './print-page.ts';
import type { ReadPage } from './read-page.ts';

/** Keys that go into the roadmap as they are. */
export const TASK_KEYS = [
  'title',
  'depends_on',
  'files',
  'agent',
  'workflow',
  'priority',
  'verify',
  'exit_criteria',
  'on_failure',
  'approve',
  'timeout',
  'max_attempts',
  'budget',
] as const;
/** Keys that only Codewalk writes. */
const FACTS = [
  'attempts',
  'branch',
  'reason',
  'merged',
  'cost_usd',
  'finished',
  'summary',
  'conflict',
  'revision',
];
/** Keys with a meaning of their own. */
const WORDS = ['id', 'state', 'remove'];
export const TASK_PAGE_KEYS: ReadonlySet<string> = new Set([...TASK_KEYS, ...FACTS, ...WORDS]);
/** The body of the page, beside its keys. */
export const PROMPT = 'prompt';

const STATE_REMARK = 'Below, Codewalk writes. state: pending tries a task again, state: cancelled ends it.';
export const REMOVE_REMARK =
  'This file was deleted. remove: yes takes the task out of the roadmap; without this line it stays.';

/** The page of a task, but for its revision. `keptIn` names what a person wrote and could not be taken over. */
export function taskPage(task: Task, keptIn: string | undefined): PageText {
  const { definition } = task;
  const fields = definitionFields(task);
  const given = ['id', ...TASK_KEYS].flatMap((key): HeadLine[] => {
    const value = key === 'id' ? task.id : fields[key];
    return value === undefined ? [] : [[key, value]];
  });
  const facts: readonly (readonly [string, FieldValue | undefined])[] = [
    ['state', task.state],
    ['attempts', task.attempts === 0 ? undefined : task.attempts],
    ['branch', task.branch],
    ['reason', task.reason],
    ['merged', task.mergeCommit],
    ['cost_usd', task.costUsd === 0 ? undefined : Math.round(task.costUsd * 10_000) / 10_000],
    ['finished', task.finishedAt === undefined ? undefined : new Date(task.finishedAt).toISOString()],
    ['summary', task.summary === undefined || task.summary.trim() === '' ? undefined : task.summary.trim()],
    ['conflict', keptIn === undefined ? undefined : conflictText(keptIn)],
  ];
  const shown = facts.flatMap(([key, value]): HeadLine[] => (value === undefined ? [] : [[key, value]]));
  return { head: [...given, [STATE_REMARK, undefined], ...shown], body: definition.prompt };
}

function conflictText(keptIn: string): string {
  return `Both sides changed this. What you wrote is in ${keptIn}: take over what you want and delete that file.`;
}

/** What a task says now, under the keys of its page. */
export function definitionFields({ definition }: Task): PageFields {
  const { onFailure, timeoutMs, budget, priority } = definition;
  const word = Object.entries(PRIORITIES).find(([, value]) => value === priority)?.[0];
  const all: Record<string, FieldValue | undefined> = {
    title: definition.title,
    depends_on: definition.dependsOn,
    files: definition.files,
    agent: definition.agent,
    workflow: definition.workflow,
    priority: word ?? priority,
    verify: definition.verify,
    exit_criteria: definition.exitCriteria.length === 0 ? undefined : definition.exitCriteria,
    on_failure: onFailure === 'hard' ? undefined : onFailure,
    approve: definition.approve,
    timeout: timeoutMs === undefined ? undefined : durationText(timeoutMs),
    max_attempts: definition.maxAttempts,
    budget: budget === undefined ? undefined : (budget as Readonly<Record<string, number>>),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** The fields of a page that a person may change, its prompt among them. */
export function editableFields({ fields, body }: Pick<ReadPage, 'fields' | 'body'>): PageFields {
  const words = ['id', 'state', ...TASK_KEYS];
  const entries = words.flatMap((key) => (fields[key] === undefined ? [] : [[key, fields[key]] as const]));
  return { ...Object.fromEntries(entries), [PROMPT]: body };
}

/**
 * Everything wrong with the page of a task, each with its place. `base`: the version that was edited; `id` stands for
 * one that the page does not have.
 */
export function taskProblems(
  file: string,
  page: ReadPage,
  { base, id }: { base?: PageFields | undefined; id: string },
): readonly PageProblem[] {
  const problems = new ProblemList<RoadmapProblemCode | 'read-only'>(file, '');
  const entries: LocatedEntry[] = [];
  for (const entry of page.head.entries) {
    const { key, keyAt } = entry;
    if (key === 'id' || (TASK_KEYS as readonly string[]).includes(key)) entries.push(entry);
    else if (!TASK_PAGE_KEYS.has(key)) {
      const meant = nearest(key, ['id', ...TASK_KEYS]);
      const advice =
        meant === undefined ? `It may have: ${TASK_KEYS.join(', ')}.` : `Did you mean "${meant}"?`;
      problems.add(keyAt, 'unknown-key', `A task has no key ${quoted(key)}.`, advice);
    } else if (
      FACTS.includes(key) &&
      key !== 'revision' &&
      base !== undefined &&
      changed(page.fields, base, key)
    ) {
      const advice = 'Take your change of it back; what you want to say goes into the text below.';
      problems.add(keyAt, 'read-only', `Only Codewalk writes ${key}.`, advice);
    }
  }
  if (page.body === '') {
    const advice = 'Write below the front matter what the agent is asked to do.';
    problems.add(
      { line: page.bodyLine, col: 1 },
      'missing-prompt',
      'The task does not say what is to be done.',
      advice,
    );
  }
  const top = { line: 1, col: 1 };
  if (page.fields.id === undefined) {
    entries.push({ key: 'id', keyAt: top, value: { kind: 'scalar', value: id, text: id, at: top } });
  }
  const at = { line: page.bodyLine, col: 1 };
  const prompt: LocatedEntry = {
    key: PROMPT,
    keyAt: at,
    value: { kind: 'scalar', value: page.body, text: page.body, at },
  };
  const map: LocatedMap = { ...page.head, entries: [...entries, prompt] };
  const around = { path: {}, settings: {}, initialState: undefined, domain: undefined };
  parseTask(map, around, {
    declared: nothingDeclared(),
    problems: problems as ProblemList<RoadmapProblemCode>,
  });
  return problems.sorted();
}

function changed(fields: PageFields, base: PageFields, key: string): boolean {
  return fields[key] !== undefined && String(fields[key]).trim() !== String(base[key] ?? '').trim();
}
