import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { crashPoint } from '../../../core/crash-points.ts';
import { UsageError } from '../../../core/errors.ts';
import { parseTaskId } from '../../../core/parse-task-id.ts';
import { present } from '../../../core/source/present.ts';
import { quoted } from '../../../core/source/problem.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { textOption } from '../input.ts';
import { printChange } from '../print-change.ts';
import { givenFields } from './task-fields.ts';

/** The roadmap file as a whole may have 1 MiB; one prompt must leave room for others. */
export const MOST_PROMPT_BYTES = 262_144;

export const taskAdd: Action = async (context, { args, options }) => {
  const title = parseTitle(String(args[0]));
  const prompt = await readPrompt(context, options);
  const given = options.id === undefined ? undefined : parseTaskId(String(options.id));
  const dryRun = options.dryRun === true;
  const into = textOption(options.in);
  const fields = {
    title,
    // A task without a prompt is no task; the title is at least what the person said.
    prompt: prompt ?? title,
    ...(await givenFields(options)),
  };
  const api = await context.services.api();
  const change = await api.addTask({ fields, dryRun, ...present({ id: given, into }) });
  const { id } = change;
  if (!dryRun) crashPoint('task.accepted');
  const warning = prompt === undefined ? ' Its agent is told the title and nothing more.' : '';
  return printChange(context, change, {
    dryRun,
    done: `Added ${id} to the roadmap.${warning}`,
    json: { id, ...fields },
  });
};

/** The prompt from the option, standard input or a file; undefined when none was given. */
export async function readPrompt(
  context: CliContext,
  options: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  const file = textOption(options.promptFile);
  const prompt = textOption(options.prompt);
  if (file !== undefined && prompt !== undefined) {
    throw new UsageError('TWO_PROMPTS', '--prompt and --prompt-file were both given', {
      advice: 'keep one of them',
    });
  }
  if (file !== undefined) return await readPromptFile(resolve(context.directory, file), file);
  return prompt === undefined ? undefined : await promptText(context, prompt);
}

/** The words themselves, or standard input for `-`. Throws `UsageError` for an empty or a huge prompt. */
export async function promptText(context: CliContext, given: string): Promise<string> {
  return checkPrompt(given === '-' ? await context.io.readInput(MOST_PROMPT_BYTES) : given);
}

async function readPromptFile(path: string, shownAs: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) {
    throw new UsageError('NO_PROMPT_FILE', `${quoted(shownAs)} is not a file that can be read`, {
      advice: 'give the path of a text file',
    });
  }
  if (found.size > MOST_PROMPT_BYTES) throw tooLong(found.size);
  return checkPrompt(await readFile(path, 'utf8'));
}

function checkPrompt(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_PROMPT_BYTES) throw tooLong(bytes);
  if (text.trim() === '') {
    throw new UsageError('EMPTY_PROMPT', 'the prompt is empty', { advice: 'say what the agent is to do' });
  }
  return text.trimEnd();
}

function tooLong(bytes: number): UsageError {
  return new UsageError(
    'PROMPT_TOO_LONG',
    `the prompt has ${bytes} bytes; at most ${MOST_PROMPT_BYTES} are allowed`,
    {
      advice: 'put long material into a file of the repository and name it in the prompt',
    },
  );
}

export function parseTitle(text: string): string {
  const title = text.trim();
  if (title === '' || /[\r\n]/.test(title) || title.length > 200) {
    throw new UsageError('BAD_TITLE', 'a title is one line of 1 to 200 characters', {
      advice: 'put the rest into --prompt',
    });
  }
  return title;
}
