import { UsageError } from '../../../core/errors.ts';
import { parseTaskId } from '../../../core/parse-task-id.ts';
import type { TaskFields } from '../../../core/roadmap/edits.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { textOption } from '../input.ts';
import { printChange } from '../print-change.ts';
import { parseTitle, readPrompt } from './task-add.ts';
import { givenFields } from './task-fields.ts';

type Options = Readonly<Record<string, unknown>>;

export const taskEdit: Action = async (context, { args, options }) => {
  const id = parseTaskId(String(args[0]));
  const fields = await editedFields(context, id, options);
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

/** All that the options change. */
async function editedFields(context: CliContext, id: string, options: Options): Promise<TaskFields> {
  const title = textOption(options.title);
  const prompt = await givenPrompt(context, id, options);
  return {
    ...(await givenFields(options)),
    ...(title === undefined ? {} : { title: parseTitle(title) }),
    ...(prompt === undefined ? {} : { prompt }),
  };
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
