import { UsageError } from '../../../core/errors.ts';
import { parseTaskId } from '../../../core/parse-task-id.ts';
import type { FieldValue, TaskFields } from '../../../core/roadmap/edits.ts';
import { PRIORITIES } from '../../../core/roadmap/model.ts';
import { nearest } from '../../../core/source/nearest.ts';
import { quoted } from '../../../core/source/problem.ts';
import { textOption, words } from '../input.ts';

type Options = Readonly<Record<string, unknown>>;

/** Options that stand for a key of a task with a text. */
const TEXTS = {
  agent: 'agent',
  workflow: 'workflow',
  verify: 'verify',
  on_failure: 'onFailure',
  timeout: 'timeout',
  status: 'status',
  domain: 'domain',
  notes: 'notes',
} as const;
const MOST_PRIORITY = 1_000;

/** The keys of a task in the file that the options give a value or, with `--clear`, take out; prompt and title aside. */
export async function givenFields(options: Options): Promise<TaskFields> {
  const fields: Record<string, FieldValue | null> = {};
  for (const word of words(options.clear)) fields[await keyOf(word, 'taken out of')] = null;
  for (const pair of words(options.set)) {
    const [key, value] = await assignment(pair);
    fields[key] = value;
  }
  if (options.dependsOn !== undefined) fields.depends_on = words(options.dependsOn).map(parseTaskId);
  if (options.files !== undefined) fields.files = words(options.files);
  if (options.exitCriteria !== undefined) fields.exit_criteria = words(options.exitCriteria);
  const priority = parsePriority(textOption(options.priority));
  if (priority !== undefined) fields.priority = priority;
  for (const [key, option] of Object.entries(TEXTS)) {
    const text = textOption(options[option]);
    if (text !== undefined) fields[key] = text;
  }
  if (typeof options.approve === 'boolean') fields.approve = options.approve;
  if (options.maxAttempts !== undefined) fields.max_attempts = Number(options.maxAttempts);
  const amounts = Object.entries({ usd: options.budgetUsd, turns: options.budgetTurns }).flatMap(
    ([key, value]) => (value === undefined ? [] : [[key, Number(value)] as const]),
  );
  if (amounts.length > 0) fields.budget = Object.fromEntries(amounts);
  return fields;
}

/** `key=value` as a key of a task and what is to stand there. */
async function assignment(pair: string): Promise<[string, FieldValue]> {
  const at = pair.indexOf('=');
  if (at < 1) {
    throw new UsageError('BAD_KEY', `--set takes key=value, not ${quoted(pair)}`, {
      advice: 'such as --set owner=ada',
    });
  }
  return [await keyOf(pair.slice(0, at), 'set in'), fieldValue(pair.slice(at + 1))];
}

/** Numbers, `true`, `false` and lists of texts as what they are, as in YAML; everything else is text. */
function fieldValue(text: string): FieldValue {
  const value = parsed(text);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number' && String(value) === text) return value;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A key that a task may have, also written with dashes. Its id is changed by `cw task rename` alone. */
async function keyOf(word: string, how: string): Promise<string> {
  const { KEYS } = await import('../../../core/roadmap/shape.ts');
  const keys = KEYS.task.filter((key) => key !== 'id');
  const key = word.trim().replaceAll('-', '_');
  if (keys.includes(key)) return key;
  const meant = nearest(key, keys);
  throw new UsageError('BAD_KEY', `${quoted(word)} cannot be ${how} a task`, {
    advice: meant === undefined ? `these can: ${keys.join(', ')}` : `did you mean ${meant}?`,
  });
}

function parsePriority(text: string | undefined): string | number | undefined {
  if (text === undefined) return undefined;
  if (Object.hasOwn(PRIORITIES, text)) return text;
  if (/^\d{1,4}$/.test(text) && Number(text) <= MOST_PRIORITY) return Number(text);
  throw new UsageError('BAD_PRIORITY', `${quoted(text)} is no priority`, {
    advice: `use critical, high, medium, low or a number from 0 to ${MOST_PRIORITY}`,
  });
}
