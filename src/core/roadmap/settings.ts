import { present } from '../source/present.ts';
import { parseDuration } from './duration.ts';
import {
  badWord,
  type Fields,
  openFields,
  readFlag,
  readLine,
  readNumber,
  readText,
  readWord,
  wrongType,
} from './fields.ts';
import { type FailureMode, PRIORITIES } from './model.ts';
import { DURATION_RULE, FAILURE_MODES, KEYS, PRIORITY_WORDS } from './shape.ts';

/** What a task may set and what `defaults:` sets for all of them. */
export interface TaskSettings {
  readonly agent?: string;
  readonly workflow?: string;
  readonly priority?: number;
  readonly verify?: string;
  readonly onFailure?: FailureMode;
  /** `false` says otherwise than `defaults:`. */
  readonly approve?: boolean;
  readonly timeoutMs?: number;
  readonly maxAttempts?: number;
  readonly budget?: { readonly usd?: number; readonly turns?: number };
}

const MAX_PRIORITY = 1_000;
const MAX_TIMEOUT_MS = 7 * 24 * 3_600_000;

export function readSettings(fields: Fields): TaskSettings {
  const verify = readText(fields, 'verify')?.text.trim();
  return present({
    agent: readLine(fields, 'agent'),
    workflow: readLine(fields, 'workflow'),
    priority: readPriority(fields),
    verify: verify === '' ? undefined : verify,
    onFailure: readWord(fields, 'on_failure', FAILURE_MODES),
    approve: readFlag(fields, 'approve'),
    timeoutMs: readTimeout(fields),
    maxAttempts: readNumber(fields, 'max_attempts', { min: 1, max: 20, whole: true }),
    budget: readBudget(fields),
  });
}

export function readPriority(fields: Fields): number | undefined {
  const entry = fields.get('priority');
  if (entry?.value.kind === 'scalar' && typeof entry.value.value === 'number') {
    return readNumber(fields, 'priority', { min: 0, max: MAX_PRIORITY, whole: true });
  }
  const read = readText(fields, 'priority');
  if (read === undefined) return undefined;
  const word = PRIORITY_WORDS.find((known) => known === read.text.trim().toLowerCase());
  return word === undefined
    ? badWord(fields, 'priority', read, PRIORITY_WORDS, ` or a number from 0 to ${MAX_PRIORITY}`)
    : PRIORITIES[word];
}

function readTimeout(fields: Fields): number | undefined {
  const read = readText(fields, 'timeout');
  if (read === undefined) return undefined;
  const timeoutMs = parseDuration(read.text);
  if (timeoutMs !== undefined && timeoutMs >= 1_000 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  fields.problems.add(
    read.at,
    'bad-value',
    `timeout must be ${DURATION_RULE}, not ${JSON.stringify(read.text.slice(0, 60))}.`,
    'Write a duration from 1s to 7d, for example timeout: 30m.',
  );
  return undefined;
}

function readBudget(fields: Fields): TaskSettings['budget'] {
  const entry = fields.get('budget');
  if (entry === undefined) return undefined;
  if (entry.value.kind !== 'map') {
    return wrongType(fields, 'budget', entry.value, 'a map', 'Write budget: { usd: 2, turns: 40 }.');
  }
  const budget = openFields(entry.value, { name: 'A budget', keys: KEYS.budget }, fields.problems);
  return present({
    usd: readNumber(budget, 'usd', { min: 0.01, max: 100_000, whole: false }),
    turns: readNumber(budget, 'turns', { min: 1, max: 100_000, whole: true }),
  });
}
