import { UsageError } from '../../../core/errors.ts';
import { parseTaskId } from '../../../core/parse-task-id.ts';
import type { FieldValue, TaskFields } from '../../../core/roadmap/edits.ts';
import { nearest } from '../../../core/source/nearest.ts';
import { quoted } from '../../../core/source/problem.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { textOption, words } from '../input.ts';
import { printChange } from '../print-change.ts';
import { parsePriority, parseTitle, readPrompt } from './task-add.ts';

type Options = Readonly<Record<string, unknown>>;

export const taskEdit: Action = async (context, { args, options }) => {
  const id = parseTaskId(String(args[0]));
  const fields = await givenFields(context, id, options);
  const names = Object.keys(fields);
  if (names.length === 0) {
    throw new UsageError('NOTHING_TO_CHANGE', 'no option says what to change', {
      advice: 'cw task edit --help lists what can be changed',
    });
  }
  const dryRun = options.dryRun === true;
  const api = await context.services.api();
  const change = await api.editTask({ task: id, fields, dryRun });
  return printChange(context, change, {
    dryRun,
    done: `Changed ${names.join(', ')} of ${id}.`,
    json: { task: id, fields },
  });
};

export const taskRemove: Action = async (context, { args, options }) => {
  const id = parseTaskId(String(args[0]));
  const dryRun = options.dryRun === true;
  const api = await context.services.api();
  const change = await api.removeTask({ task: id, unlink: options.unlink === true, dryRun });
  return printChange(context, change, {
    dryRun,
    done: `Removed ${id} from the roadmap.`,
    json: { task: id },
  });
};

export const taskRename: Action = async (context, { args, options }) => {
  const [id, to] = [parseTaskId(String(args[0])), parseTaskId(String(args[1]))];
  const dryRun = options.dryRun === true;
  const api = await context.services.api();
  const change = await api.renameTask({ task: id, to, dryRun });
  return printChange(context, change, { dryRun, done: `${id} is ${to} now.`, json: { task: to, was: id } });
};

export const roadmapUndo: Action = async (context, { options }) => {
  const dryRun = options.dryRun === true;
  const change = await (await context.services.api()).undoEdit({ dryRun });
  return printChange(context, change, {
    dryRun,
    done: `The roadmap is as it was before: ${change.what}.`,
    json: { undone: change.what },
  });
};

/** What `--clear` may take out. */
const CLEARABLE = [
  'prompt',
  'depends_on',
  'files',
  'agent',
  'workflow',
  'priority',
  'verify',
  'exit_criteria',
  'on_failure',
  'timeout',
  'budget',
  'approve',
  'status',
  'was',
];

async function givenFields(context: CliContext, id: string, options: Options): Promise<TaskFields> {
  const fields: Record<string, FieldValue | null> = {};
  for (const word of words(options.clear)) fields[clearable(word)] = null;
  const title = textOption(options.title);
  if (title !== undefined) fields.title = parseTitle(title);
  const prompt = await givenPrompt(context, id, options);
  if (prompt !== undefined) fields.prompt = prompt;
  if (options.dependsOn !== undefined) fields.depends_on = words(options.dependsOn).map(parseTaskId);
  if (options.files !== undefined) fields.files = words(options.files);
  const agent = textOption(options.agent);
  const priority = parsePriority(textOption(options.priority));
  if (priority !== undefined) fields.priority = priority;
  if (options.exitCriteria !== undefined) fields.exit_criteria = words(options.exitCriteria);
  const texts = { agent, workflow: options.workflow, verify: options.verify, on_failure: options.onFailure };
  for (const [key, value] of Object.entries({ ...texts, timeout: options.timeout, status: options.status })) {
    const text = textOption(value);
    if (text !== undefined) fields[key] = text;
  }
  const budget = { usd: options.budgetUsd, turns: options.budgetTurns };
  const amounts = Object.entries(budget).filter(([, value]) => value !== undefined);
  if (amounts.length > 0)
    fields.budget = Object.fromEntries(amounts.map(([key, value]) => [key, Number(value)]));
  return fields;
}

async function givenPrompt(context: CliContext, id: string, options: Options): Promise<string | undefined> {
  const given = await readPrompt(context, options);
  if (options.editor !== true) return given;
  if (given !== undefined) {
    throw new UsageError('TWO_PROMPTS', '--editor and another prompt were both given', {
      advice: 'keep one of them',
    });
  }
  const { services } = context;
  const known = await (await services.api()).definition({ task: id });
  const text = await services.textFromEditor(known.prompt);
  return await readPrompt(context, { prompt: text });
}

function clearable(word: string): string {
  const key = word.replaceAll('-', '_');
  if (CLEARABLE.includes(key)) return key;
  const meant = nearest(word, CLEARABLE);
  throw new UsageError('BAD_KEY', `${quoted(word)} cannot be taken out of a task`, {
    advice: meant === undefined ? `these can: ${CLEARABLE.join(', ')}` : `did you mean ${meant}?`,
  });
}
